import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGate } from '../../src/release/record/record.ts';
import { describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { personWith } from '../support/fixture/demo.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';

/** A release in flight takes what people say in any order, at any time, from anybody; it acts on what counts. */
describe('operating a release in flight', () => {
  let world: GreeterWorld;

  beforeAll(async () => {
    world = await startGreeterWorld();
  });

  afterAll(async () => {
    await world?.stop();
  });

  const reviewOpen = () =>
    world.until('the review', (record) => openGate(record, 'changelog_review') !== undefined);
  const abort = async () => {
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'the test is over' });
    return await world.ended();
  };

  it('refuses what does not count, says why, and goes on', async () => {
    await world.start();
    const { approvals } = await reviewOpen();
    const subject = approvals[0]?.subject ?? '';
    const cleo = personWith(world.fixture, 'release_manager');
    const ada = personWith(world.fixture, 'ceo');
    const handle = world.handle();

    await world.send('approve', ada, { gate: 'go_live', role: 'ceo', subject });
    await world.send('approve', ada, { gate: 'no_such_gate', role: 'ceo', subject });
    await world.send('approve', ada, { gate: 'changelog_review', role: 'ceo', subject });
    await world.send('approve', cleo, {
      gate: 'changelog_review',
      role: 'release_manager',
      subject: 'sha256:other',
    });
    await world.send('approve', cleo, {
      gate: 'changelog_review',
      role: 'release_manager',
      subject,
      validUntil: '2020-01-01T00:00:00Z',
    });
    await handle.signal('approve', { reason: 'unsigned' });
    await handle.signal('approve', { signed: '{}', keyId: 'demo', signature: 'AAAA' });
    await handle.signal('approve', 17);
    await handle.signal('make_coffee', {});
    await handle.signal('retry', { person: 'mallory' });

    const record = await world.until('ten refusals', (now) => now.refusalCount >= 10);
    expect(record.refusals.map((refusal) => refusal.reason)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('no gate "go_live" open'),
        expect.stringContaining('no gate "no_such_gate" open'),
        expect.stringContaining('asks for release_manager, not for ceo'),
        expect.stringContaining('about another plan'),
        expect.stringContaining('expired'),
        expect.stringContaining('must come through the API'),
        expect.stringContaining('signature does not hold'),
        expect.stringContaining('number, not an object'),
        expect.stringContaining('there is no such command'),
        expect.stringContaining('nothing waits for a retry'),
      ]),
    );
    expect(openGate(record, 'changelog_review')?.decisions).toEqual([]);
    expect((await abort()).outcome).toBe('aborted');
  });

  it('counts one decision however often it is delivered, and refuses a second one of the same person', async () => {
    await world.start();
    await reviewOpen();
    await world.send('hold', personWith(world.fixture, 'operator'), { reason: 'look first' });
    await world.until('the hold', (record) => record.held !== undefined);
    const nonce = randomUUID();
    for (let delivery = 0; delivery < 20; delivery++)
      await world.approve('changelog_review', 'release_manager', { nonce });
    await world.approve('changelog_review', 'release_manager');
    const record = await world.until('the refusal', (now) => now.refusalCount > 0);
    expect(record.approvals[0]?.decisions).toHaveLength(1);
    expect(record.refusals).toHaveLength(1);
    expect(record.refusals[0]?.reason).toContain('not open any more');

    // Held between two steps: the approval counts, and yet nothing is committed until somebody resumes.
    expect(record.steps.some((step) => step.id === 'commit.release')).toBe(false);
    await world.send('resume', personWith(world.fixture, 'operator'));
    await world.until('the commit', (now) => now.commit !== undefined);
    await abort();
  });

  it('takes a new tip on replan, voids the approvals and tells who gave them', async () => {
    await world.start();
    await reviewOpen();
    await world.approve('changelog_review', 'release_manager');
    const before = await world.until('go-live', (record) => openGate(record, 'go_live') !== undefined);
    await world.approve('go_live', 'ceo');
    await world.until('the CEO', (record) => (openGate(record, 'go_live')?.decisions.length ?? 0) === 1);
    commitToMain(world, ['feat: wave goodbye (#9)']);
    await world.send('replan', personWith(world.fixture, 'operator'), { reason: 'take the fix' });
    const after = await world.until(
      'the new review',
      (record) => record.round === 2 && openGate(record, 'changelog_review') !== undefined,
    );
    expect(after.plan?.base).not.toBe(before.plan?.base);
    expect(after.plan?.planHash).not.toBe(before.plan?.planHash);
    expect(after.voided.map((decision) => decision.person).sort()).toEqual(['ada', 'cleo']);
    const record = await world.approveEverything();
    expect(record.outcome).toBe('released');
    // The branch that the first plan had pushed was ours to replace, and is gone.
    const branches = execFileSync('git', ['ls-remote', '--heads', world.origin], { encoding: 'utf8' });
    expect(branches).not.toContain('release/');
  });

  it('releases with the texts that the reviewer wrote', async () => {
    commitToMain(world, ['fix: greet in the evening (#11)']);
    await world.start();
    await reviewOpen();
    const store = await openStore(world.installation);
    const changelog = await store.put(
      Buffer.from('## [1.2.1] - 2026-11-21\n\n### Fixed\n\n- greets in the evening too\n'),
    );
    const notes = await store.put(Buffer.from('# Greeter\n\nGood evening.\n'));
    const cleo = personWith(world.fixture, 'release_manager');
    await world.send('edit_notes', cleo, { changelog: changelog.digest, notes: notes.digest });
    await world.until('the edit', (record) =>
      describeTimeline(record).some((entry) => entry.what.startsWith('edit_notes')),
    );
    const record = await world.approveEverything();
    expect(record.outcome).toBe('released');
    expect(record.plan?.notes.digest).toBe(notes.digest);
    const file = execFileSync('git', ['--git-dir', world.origin, 'show', `${record.commit}:CHANGELOG.md`], {
      encoding: 'utf8',
    });
    expect(file).toContain('- greets in the evening too');
    expect(file).not.toContain('greet in the evening (#11)');
  });

  it('ends a release that finds nothing to release, without a question to anybody', async () => {
    await world.start();
    const record = await world.ended();
    expect(record.outcome).toBe('nothing_to_release');
    expect(record.approvals).toEqual([]);
  });

  it('waits after a rejection, asks again on retry, and an abort takes back what is not public', async () => {
    commitToMain(world, ['fix: greet politely (#10)']);
    await world.start();
    const { approvals } = await reviewOpen();
    await world.send('reject', personWith(world.fixture, 'release_manager'), {
      gate: 'changelog_review',
      role: 'release_manager',
      subject: approvals[0]?.subject ?? '',
      reason: 'a word is missing',
    });
    const waiting = await world.until(
      'the question',
      (record) => record.waiting?.actions.includes('retry') === true,
    );
    expect(waiting.steps.find((step) => step.id === 'review.changelog')?.failure?.what).toBe(
      'cleo rejected it: a word is missing',
    );
    await world.send('retry', personWith(world.fixture, 'operator'));
    await reviewOpen();
    await world.approve('changelog_review', 'release_manager');
    await world.until('go-live', (record) => openGate(record, 'go_live') !== undefined);
    const record = await abort();
    expect(record.outcome).toBe('aborted');
    const branches = execFileSync('git', ['ls-remote', '--heads', world.origin], { encoding: 'utf8' });
    expect(branches).not.toContain('release/');
  });

  it('lets the person who asked for a release be one of several approvers', async () => {
    await world.start({ requestedBy: 'ada' });
    await reviewOpen();
    await world.approve('changelog_review', 'release_manager');
    await world.until('go-live', (record) => openGate(record, 'go_live') !== undefined);
    const ada = personWith(world.fixture, 'ceo');
    const gate = openGate(await world.record(), 'go_live');
    await world.send('approve', ada, { gate: 'go_live', role: 'ceo', subject: gate?.subject ?? '' });
    const cleo = personWith(world.fixture, 'release_manager');
    // A patch release asks for the CEO and the release manager: with Cleo's, the CEO's own approval may stand.
    await world.send('approve', cleo, {
      gate: 'go_live',
      role: 'release_manager',
      subject: gate?.subject ?? '',
    });
    const record = await world.ended();
    expect(record.outcome).toBe('released');
    expect(record.approvals.find((g) => g.key === 'go_live')?.decisions.map((d) => d.person)).toEqual([
      'ada',
      'cleo',
    ]);
  });
});

/** A colleague pushes to main. */
