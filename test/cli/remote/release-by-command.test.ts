import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApi, startApi } from '../../../src/api/server.ts';
import { runAct } from '../../../src/cli/remote/act.ts';
import { runAudit } from '../../../src/cli/remote/audit/audit.ts';
import { runDecide } from '../../../src/cli/remote/decide.ts';
import { runWatch } from '../../../src/cli/remote/follow/watch.ts';
import { runRelease } from '../../../src/cli/remote/start/release.ts';
import { runStatus } from '../../../src/cli/remote/status.ts';
import { releaseWorkflowId } from '../../../src/contracts/workflow-ids.ts';
import type { PersonRole } from '../../../src/release/settings.ts';
import type { ConnectedClient } from '../../../src/temporal/connection.ts';
import { openStore } from '../../../src/workers/open-store.ts';
import { personWith } from '../../support/fixture/demo.ts';
import { type ReleaseWorld, startReleaseWorld } from '../../support/fixture/release-world.ts';
import { connectTestClient, waitFor } from '../../support/server/temporal-server.ts';
import { makeContext, type Said, say } from '../cli-context.ts';

let world: ReleaseWorld;
let connected: ConnectedClient;
let api: RunningApi;
let product: string;

beforeAll(async () => {
  world = await startReleaseWorld();
  connected = await connectTestClient();
  ({ product } = world);
  api = await startApi({
    installation: world.installation,
    client: connected.client,
    store: await openStore(world.installation),
    queuePrefix: product,
    port: 0,
    limits: { heartbeatMs: 100 },
    log: () => undefined,
  });
});

afterAll(async () => {
  await api?.close();
  await connected?.close();
  await world?.stop();
});

function as(role: PersonRole): NodeJS.ProcessEnv {
  return { WINDLASS_API: api.url, WINDLASS_TOKEN: personWith(world.fixture, role).token };
}

const approve = async (role: PersonRole, gate: string, ...more: string[]): Promise<Said> =>
  await say((argv, context) => runDecide('approve', argv, context), [product, gate, ...more], as(role));
const act = async (role: PersonRole, name: string, ...more: string[]): Promise<Said> =>
  await say((argv, context) => runAct(name, argv, context), [product, ...more], as(role));

describe('a release by the command line alone, through the real API, Temporal and workers', () => {
  test('is started, watched, approved, held, resumed and aborted; every wrong step is a sentence', async () => {
    const nothing = await say(runStatus, [product], as('ceo'));
    expect(nothing).toMatchObject({ code: 1, out: '' });
    expect(nothing.err).toContain(`There is no release of ${product} yet.`);

    expect((await say(runRelease, ['shpo'], as('release_manager'))).err).toContain(
      `There is no product "shpo".\nknown products: ${product}`,
    );

    const started = await say(runRelease, [product, '--bump', 'minor'], as('release_manager'));
    expect(started).toMatchObject({ code: 0, err: '' });
    const releaseId = /Started the release (\S+) of/.exec(started.out)?.[1];
    expect(releaseId).toMatch(new RegExp(`^${product}-\\d{8}-[0-9a-f]{6}$`));
    expect((await world.record()).request).toMatchObject({
      releaseId,
      bump: 'minor',
      requestedBy: 'cleo',
      via: 'cli',
    });

    const second = await say(runRelease, [product], as('release_manager'));
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toMatch(new RegExp(`A release of ${product} is in flight: .*, since \\d{4}-`));
    expect(second.err).toContain(`/releases/${product}`);

    const watcher = makeContext(as('ceo'));
    const watching = runWatch([product], watcher.context);

    await world.until('the review', (record) =>
      record.approvals.some((gate) => gate.key === 'changelog_review' && gate.status === 'open'),
    );
    const status = await say(runStatus, [product], as('ceo'));
    expect(status).toMatchObject({ code: 0, err: '' });
    expect(status.out).toContain('Waits for Release Manager');
    expect((await approve('release_manager', 'go-live')).err).toMatch(/go_live.*not open|not open.*go_live/);
    expect((await approve('ceo', 'changelog-review')).err).toMatch(/Release Manager/);
    const stranger = await say(runStatus, [product], { ...as('ceo'), WINDLASS_TOKEN: 'nobody-has-this' });
    expect(stranger).toMatchObject({ code: 1, out: '' });
    expect(stranger.err).not.toContain('nobody-has-this');

    const held = await act('release_manager', 'hold', '--comment', 'wait for the lawyers');
    expect(held).toMatchObject({ code: 0, err: '' });
    await world.until('the hold', (record) => record.held?.reason === 'wait for the lawyers');
    const forbidden = await act('ceo', 'resume');
    expect(forbidden).toMatchObject({ code: 1, out: '' });
    expect(forbidden.err).toMatch(/ada may not "resume".*\nask .*cleo/);
    expect((await act('release_manager', 'resume')).code).toBe(0);
    await world.until('the resumption', (record) => record.held === undefined);

    const approved = await approve('release_manager', 'changelog-review', '--comment', 'reads well');
    expect(approved).toMatchObject({ code: 0, err: '' });
    await world.until('the approval', (record) =>
      record.approvals.some((gate) => gate.key === 'changelog_review' && gate.status === 'approved'),
    );
    const again = await approve('release_manager', 'changelog-review');
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toMatch(/changelog_review/);

    expect((await act('release_manager', 'abort', '--comment', 'not this week')).code).toBe(0);
    expect(await watching).toBe(1);
    // The event stream carried it to the end.
    expect(watcher.said.err).toBe('');
    expect(watcher.said.out).toContain('changelog_review approved as release_manager: reads well (cleo)');
    expect(watcher.said.out).toContain('held: wait for the lawyers (cleo)');
    expect(watcher.said.out).toMatch(/not this week/);
    // Each line of the timeline once, however the states came.
    const lines = watcher.said.out.split('\n').filter((line) => line.includes('reads well'));
    expect(lines).toHaveLength(1);

    const afterwards = await approve('ceo', 'go-live');
    expect(afterwards.code).toBe(1);
    expect(afterwards.err).toMatch(/ended|aborted|over/);
    const over = await say(runWatch, [product], as('ceo'));
    expect(over.code).toBe(1);

    const audited = await say(runAudit, [product], as('ceo'));
    // Nothing here says where the repository is; an audit that compared less says so.
    const lessCompared = { code: 0, err: expect.stringMatching(/^NOT compared with tag and release page/) };
    expect(audited).toMatchObject(lessCompared);
    const record = await world.record();
    expect(audited.out).toContain(`Head: ${record.chain}`);
    const archived = await say(runAudit, [product, '--release', record.releaseId], as('ceo'));
    expect(archived).toMatchObject(lessCompared);
    const list = await say(runStatus, ['--json'], as('ceo'));
    const { releases } = JSON.parse(list.out) as { releases: { product: string }[] };
    expect(releases.some((release) => release.product === product)).toBe(true);
  }, 600_000);

  test('that is terminated in the Web UI ends the watching too, with what that means', async () => {
    expect((await say(runRelease, [product], as('release_manager'))).code).toBe(0);
    const { context, said } = makeContext(as('ceo'));
    const start = Date.now();
    // The minute after which the watcher looks past its stream is over in a moment.
    const hasty = { ...context, now: () => new Date(start + 1_000 * (Date.now() - start)) };
    const watching = runWatch([product], hasty);
    await waitFor('the watcher to show something', () => said.out.includes('phase: readiness'));
    await connected.client.workflow.getHandle(releaseWorkflowId(product)).terminate('by hand');
    expect(await watching).toBe(1);
    expect(said.out).toContain('ended from outside (terminated in the Temporal Web UI)');
    const status = await say(runStatus, [product], as('ceo'));
    expect(status.out).toContain('ended from outside');
  });
});
