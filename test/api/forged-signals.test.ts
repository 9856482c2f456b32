import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command, SignedCommand } from '../../src/contracts/commands.ts';
import { type SigningKey, signCommand } from '../../src/integrations/signing/signing.ts';
import { openGate } from '../../src/release/record/record.ts';
import { describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { personWith } from '../support/fixture/demo.ts';
import { type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';

interface Told {
  id: string;
  title: string;
  text: string;
}

/** Whoever reaches the Temporal namespace can signal a release. What the API did not sign counts for nothing. */
describe('signals sent past the API', () => {
  let world: GreeterWorld;
  let notices: string;

  beforeAll(async () => {
    world = await startGreeterWorld();
    notices = join(world.root, 'notices', 'on-call.jsonl');
    world.installation.channels['on_call'] = [{ file: notices }];
  });

  afterAll(async () => {
    await world?.stop();
  });

  const told = (): Told[] =>
    existsSync(notices)
      ? readFileSync(notices, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];

  it('change nothing, are recorded as refused, and alert the operators once for each kind, however many come', async () => {
    await world.start();
    const open = await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    const gate = openGate(open, 'changelog_review')!;
    const cleo = personWith(world.fixture, 'release_manager');
    const command: Command = {
      nonce: 'n',
      name: 'approve',
      product: world.product,
      releaseId: open.releaseId,
      gate: gate.key,
      subject: gate.subject,
      person: cleo.name,
      role: 'release_manager',
      issuedAt: new Date(Date.now() - 1_000).toISOString(),
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const sign = (change: Partial<Command>, key: SigningKey = world.fixture.signing) =>
      signCommand({ ...command, ...change }, key);
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const privateKey = stranger.export({ type: 'pkcs8', format: 'pem' }).toString();
    const forged = { ...sign({}), signature: sign({ person: 'ada' }).signature };
    const attacks: Record<string, [name: string, argument: unknown]> = {
      unsigned: ['approve', { person: cleo.name, reason: 'trust me' }],
      malformed: ['approve', 'yes'],
      forged: ['approve', forged],
      expired: ['approve', sign({ validUntil: '2026-01-01T00:00:00.000Z' })],
      other_release: ['approve', sign({ releaseId: `${world.product}-20260101-abcdef` })],
      other_command: ['approve', sign({ name: 'reject' })],
      other_gate: ['approve', sign({ nonce: 'for another gate', gate: 'go_live' })],
    };
    const handle = world.handle();
    for (const [name, argument] of Object.values(attacks)) await handle.signal(name, argument);
    // The same again, many times over, and one by a key that nobody knows: no new kind, so nothing is told again.
    await handle.signal('approve', sign({}, { keyId: world.fixture.signing.keyId, privateKey }));
    for (let round = 0; round < 20; round++) {
      await handle.signal('approve', { person: `mallory ${round}` });
      await handle.signal('approve', forged satisfies SignedCommand);
    }
    const record = await world.until('every refusal', (now) => now.refusalCount === 48);
    expect(openGate(record, 'changelog_review')?.decisions).toEqual([]);
    expect(record.phase).toBe('review');

    // One that counted, copied and sent again, is no second command; nor is it one for the same gate of a new plan.
    const pressed = sign({ nonce: 'pressed once', name: 'hold' });
    await handle.signal('hold', pressed);
    await handle.signal('hold', pressed);
    const replayed = await world.until('the copy to be refused', (now) => now.refusalCount === 49);
    expect(replayed.refusals.at(-1)?.reason).toContain('it was taken already');
    expect(describeTimeline(replayed).filter((entry) => entry.what.startsWith('held'))).toHaveLength(1);

    // What the API itself delivers still counts, and every alert is out once the release has ended.
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'the test is over' });
    expect((await world.ended()).outcome).toBe('aborted');
    const kinds = told().map((notice) => /refused \((.*)\)$/.exec(notice.title)?.[1]?.replaceAll(' ', '_'));
    expect(kinds.sort()).toEqual([...Object.keys(attacks), 'replayed'].sort());
    expect(told().find((notice) => notice.id.endsWith('forged/forged'))?.text).toContain(
      'Refused because: its signature does not hold',
    );
  });
});
