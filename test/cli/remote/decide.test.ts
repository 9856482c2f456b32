import { afterEach, beforeEach, expect, test } from 'vitest';
import { runDecide } from '../../../src/cli/remote/decide.ts';
import { startTestApp, type TestApp, tokenOf } from '../../api/support/test-app.ts';
import { recordAfter, UNTIL_GO_LIVE } from '../../release/views/sample-record.ts';
import { say } from '../cli-context.ts';

let world: TestApp;
let url: string;

beforeEach(async () => {
  world = await startTestApp();
  url = await world.app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await world.close();
});

const approve = (...argv: string[]) =>
  say((args, context) => runDecide('approve', args, context), ['shop', 'go-live', ...argv], {
    WINDLASS_API: url,
    WINDLASS_TOKEN: tokenOf('ada'),
  });
const signed = () => world.gateway.signals.map((signal) => JSON.parse(signal.argument.signed));

test('an approval is of what the person was shown, and of nothing else', async () => {
  const record = recordAfter(UNTIL_GO_LIVE);
  world.gateway.put(record);
  const shown = record.approvals.find((gate) => gate.key === 'go_live')!.subject;
  const digits = shown.replace('sha256:', '').slice(0, 12);
  const old = await approve('--subject', `${digits.startsWith('0') ? '1' : '0'}${digits.slice(1)}`);
  expect(old.code).toBe(1);
  expect(old.err).toContain(`is not what waits for a decision now (${digits}): the plan has changed`);
  expect(old.err).toContain('Nothing was decided.');
  expect(signed()).toEqual([]);

  const now = await approve('--subject', digits);
  expect([now.code, now.out]).toEqual([0, expect.stringContaining(`subject ${digits}`)]);
  expect(signed()).toMatchObject([{ name: 'approve', gate: 'go_live', subject: shown }]);
  expect((await approve('--subject', 'sha256:XY')).code).toBe(2);
});

test('a plan that changes between the look and the approval is refused by the API', async () => {
  const record = recordAfter(UNTIL_GO_LIVE);
  world.gateway.put(record);
  const read = world.gateway.readCurrent;
  // Another plan waits from the second reading on.
  let reads = 0;
  world.gateway.readCurrent = async (...args) => {
    reads += 1;
    if (reads === 2) {
      const approvals = record.approvals.map((gate) => ({ ...gate, subject: `sha256:${'e'.repeat(64)}` }));
      world.gateway.put({ ...record, approvals });
    }
    return await read(...args);
  };
  const answer = await approve();
  expect([answer.code, answer.err]).toEqual([1, expect.stringContaining('The plan has changed')]);
  expect(signed()).toEqual([]);
});
