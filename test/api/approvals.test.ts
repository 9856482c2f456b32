import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGate } from '../../src/release/record/record.ts';
import { describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { personWith } from '../support/fixture/demo.ts';
import { waitFor } from '../support/server/temporal-server.ts';
import { type RealApi, startRealApi } from './support/real-api.ts';

const DAY_MS = 24 * 3_600_000;
const approve = { decision: 'approve' };

/** Who may open a gate, and what time does to it: through the API, on a real server, with short times. */
describe('approvals of a release in flight', () => {
  let real: RealApi;

  beforeAll(async () => {
    real = await startRealApi((product) => {
      product['approvals'] = { remind_after: '2s', escalate_after: '8s', valid_for: '10m' };
    });
    for (const name of ['ceo', 'on_call']) {
      real.world.installation.channels[name] = [{ file: notices(name) }];
    }
  });

  afterAll(async () => {
    await real?.stop();
  });

  const notices = (channel: string) => join(real.world.root, 'notices', `${channel}.jsonl`);
  const told = (channel: string): string[] =>
    existsSync(notices(channel)) ? readFileSync(notices(channel), 'utf8').trimEnd().split('\n') : [];
  const reviewAndReachGoLive = async () => {
    await real.world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    await real.ask('release_manager', 'POST', real.path('/approvals/changelog_review'), approve);
    const record = await real.world.until('go-live', (now) => openGate(now, 'go_live') !== undefined);
    return openGate(record, 'go_live')!;
  };
  const goLive = () => real.path('/approvals/go_live');
  const shortly = (ms: number) => ({ validUntil: new Date(Date.now() + ms).toISOString() });

  it('remind, escalate, and ask again for an approval that expired before the others came', async () => {
    const { world } = real;
    expect(
      (await real.ask('release_manager', 'POST', '/v1/releases', { product: world.product })).status,
    ).toBe(202);
    const gate = await reviewAndReachGoLive();
    expect(gate.required).toEqual(['ceo', 'engineering_lead']);
    const waited = await world.until('the escalation', (now) =>
      describeTimeline(now).some(
        (entry) => entry.what.startsWith('reminded') && entry.what.includes('operators'),
      ),
    );
    // The first reminder came before the escalation, to those who have to decide only.
    const reminders = describeTimeline(waited).filter((entry) => /^reminded .* of go_live$/.test(entry.what));
    expect(reminders[0]?.what).toBe('reminded ceo, engineering_lead of go_live');
    await real.world.until('on-call to be told', () =>
      told('on_call').some((line) => line.includes('Still waiting')),
    );
    expect(told('ceo').filter((line) => line.includes('Still waiting')).length).toBeGreaterThan(1);

    await world.approve('go_live', 'ceo', shortly(10_000));
    const lapsed = await world.until('it to lapse', (now) => now.voided.some((d) => d.person === 'ada'));
    expect(openGate(lapsed, 'go_live')?.decisions).toEqual([]);
    expect(lapsed.waiting?.for).toEqual(['ceo', 'engineering_lead']);

    // One of two is no quorum: with the engineering lead alone it goes on waiting for the CEO.
    expect((await real.ask('engineering_lead', 'POST', goLive(), approve)).status).toBe(202);
    const half = await world.until('the half', (now) => openGate(now, 'go_live')?.decisions.length === 1);
    expect(half.phase).toBe('go_live');
    expect((await real.ask('ceo', 'POST', goLive(), approve)).status).toBe(202);
    expect((await world.ended()).outcome).toBe('released');
  });

  it('take a deputy within their dates only, nobody twice, and ask again when a hold outlasts the approvals', async () => {
    const { world } = real;
    const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
    const deputy = (from: number, until: number) => ({
      for: 'ceo' as const,
      from: day(from),
      until: day(until),
    });
    const now = real.hire({ name: 'dee', roles: ['viewer'], deputies: [deputy(-1, 1)] });
    const before = real.hire({ name: 'ernie', roles: ['viewer'], deputies: [deputy(-9, -2)] });
    const both = real.hire({ name: 'flo', roles: ['ceo', 'release_manager'] });
    commitToMain('feat: wave (#21)');
    await real.ask('release_manager', 'POST', '/v1/releases', { product: world.product });
    const gate = await reviewAndReachGoLive();
    expect(gate.required).toEqual(['ceo', 'engineering_lead']);

    expect((await real.ask(before, 'POST', goLive(), approve)).status).toBe(403);
    const operator = personWith(world.fixture, 'operator');
    await world.send('hold', operator, { reason: 'until Monday' });
    await world.until('the hold', (record) => record.held !== undefined);
    // Both approvals, by signatures of the API that will not last until the hold is over.
    await world.approve('go_live', 'engineering_lead', shortly(12_000));
    await world.approve('go_live', 'ceo', { person: 'dee', ...shortly(12_000) });
    const decided = await world.until('both', (record) =>
      record.approvals.some((one) => one.key === 'go_live' && one.status === 'approved'),
    );
    const until = decided.approvals
      .find((one) => one.key === 'go_live')!
      .decisions.map((d) => Date.parse(d.validUntil));
    await world.until('their time to be over', () => Date.now() > Math.max(...until));
    await world.send('resume', operator);
    const again = await world.until('the new question', (record) => {
      const open = openGate(record, 'go_live');
      return open !== undefined && open.openedAt !== gate.openedAt;
    });
    expect(again.publications).toEqual([]);
    expect(again.voided.map((d) => d.person).sort()).toEqual(['ben', 'dee']);

    expect((await real.ask(both, 'POST', goLive(), approve)).status).toBe(202);
    await world.until('the first', (record) => openGate(record, 'go_live')?.decisions.length === 1);
    const twice = await real.ask(both, 'POST', goLive(), approve);
    expect([twice.status, twice.body.type]).toEqual([409, 'urn:windlass:problem:not-counted']);
    // The deputy's role is filled by now: the API says so, and so does the workflow.
    expect((await real.ask(now, 'POST', goLive(), approve)).status).toBe(409);
    expect((await real.ask('engineering_lead', 'POST', goLive(), approve)).status).toBe(202);
    expect((await world.ended()).outcome).toBe('released');
  });

  it('count one decision of each person and open the gate once, however many press at the same time', async () => {
    const { world } = real;
    commitToMain('feat: nod (#22)');
    const crowd = Array.from({ length: 20 }, (_, index) =>
      real.hire({ name: `ceo-${index}`, roles: ['ceo'] }),
    );
    const asked = await real.ask({ token: crowd[0]!.token }, 'POST', '/v1/releases', {
      product: world.product,
    });
    expect(asked.status).toBe(202);
    await reviewAndReachGoLive();
    const presses = [
      // One person, one key, again and again; others once each, with keys of their own; a third with new keys.
      ...Array.from({ length: 40 }, () => real.ask('ceo', 'POST', goLive(), approve, 'one-key')),
      ...crowd.map((person) => real.ask(person, 'POST', goLive(), approve)),
      ...Array.from({ length: 40 }, () => real.ask('engineering_lead', 'POST', goLive(), approve)),
    ];
    const answers = await Promise.all(presses);
    expect(answers).toHaveLength(100);
    // Each was either taken, to be counted or not by the release, or told that it would not count.
    expect(answers.filter((answer) => ![202, 409].includes(answer.status))).toEqual([]);
    expect(answers.filter((answer) => answer.status === 202).length).toBeGreaterThan(1);
    const record = await world.ended();
    expect(record.outcome).toBe('released');
    const decisions = record.approvals.find((gate) => gate.key === 'go_live')!.decisions;
    expect(decisions.map((d) => d.role).sort()).toEqual(['ceo', 'engineering_lead']);
    expect(new Set(decisions.map((d) => d.person)).size).toBe(2);
    const approved = describeTimeline(record).filter((entry) => entry.what.startsWith('go_live approved'));
    expect(approved).toHaveLength(2);
    expect(describeTimeline(record).filter((entry) => entry.what === 'phase: publish')).toHaveLength(1);
  });

  it('never let the author of a hotfix be its only approver', async () => {
    const { world } = real;
    const ola = real.hire({
      name: 'onordmann',
      displayName: 'O. Nordmann',
      email: 'Ola@example.test',
      roles: ['on_call'],
    });
    const commit = commitToMain('fix: stop shouting (#23)', 'Co-authored-by: kim <kim@example.test>');
    const started = await real.ask('on_call', 'POST', '/v1/hotfixes', {
      product: world.product,
      commits: [commit],
    });
    expect([started.status, started.body.workflowId]).toEqual([202, `hotfix/${world.product}`]);
    const url = real.path('?kind=hotfix');
    await waitFor(
      'the hotfix gate',
      async () => {
        const { record } = (await real.ask('qa', 'GET', url)).body;
        if (record?.waiting?.actions.includes('retry')) throw new Error(record.waiting.reason);
        return record?.approvals.some((gate) => gate.key === 'hotfix' && gate.status === 'open');
      },
      300_000,
    );
    const gate = real.path('/approvals/hotfix?kind=hotfix');
    const own = await real.ask(ola, 'POST', gate, approve);
    expect([own.status, own.body.detail]).toEqual([
      409,
      expect.stringContaining('cannot be its only approver'),
    ]);
    // Nor can a co-author, or who asked for it; somebody else on call can.
    const kim = real.hire({ name: 'kim', roles: ['on_call'] });
    expect((await real.ask(kim, 'POST', gate, approve)).status).toBe(409);
    expect((await real.ask('on_call', 'POST', gate, approve)).status).toBe(409);
    const other = real.hire({ name: 'uma', roles: ['on_call'] });
    expect((await real.ask(other, 'POST', gate, approve)).status).toBe(202);
    const result = await world.client.workflow.getHandle(`hotfix/${world.product}`).result();
    expect(result).toMatchObject({ outcome: 'released' });
  });

  /** A colleague pushes to main. Returns the commit. */
  function commitToMain(message: string, ...trailers: string[]): string {
    const clone = join(real.world.root, `clone-${message.replaceAll(/\W/g, '')}`);
    const git = (...args: string[]) =>
      execFileSync(
        'git',
        ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args],
        {
          encoding: 'utf8',
        },
      ).trim();
    execFileSync('git', ['clone', '--quiet', real.world.origin, clone]);
    writeFileSync(join(clone, `${message.replaceAll(/\W/g, '')}.txt`), message);
    git('add', '.');
    git('commit', '--quiet', ...[message, ...trailers].flatMap((text) => ['-m', text]));
    git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    return git('rev-parse', 'HEAD');
  }
});
