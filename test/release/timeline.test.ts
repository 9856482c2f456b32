import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renderRelease } from '../../src/api/page/release-page.ts';
import { presentRecord } from '../../src/api/schemas/release.ts';
import { verifyChain } from '../../src/cli/remote/audit/verify-chain.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import type { RecordEvent } from '../../src/release/record/record-event.ts';
import { describeEntry, describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { readFact } from '../../src/release/record/timeline/facts.ts';
import { applyEvent } from '../../src/release/record/transitions.ts';
import { renderChecklist } from '../../src/release/views/checklist.ts';
import { renderPostMortem, viewPostMortem } from '../../src/release/views/post-mortem.ts';
import { renderStatus } from '../../src/release/views/status-text.ts';
import {
  recordAfter,
  SAMPLE_PLAN,
  type SampleEvent,
  sampleDecision,
  sampleGate,
} from './views/sample-record.ts';

const AT = '2026-11-20T11:10:00.000Z';
const TERMINAL = { colour: false, now: AT };

describe('the timeline', () => {
  it('keeps what happened as data, and says it only when it is read', () => {
    const record = recordAfter([
      { event: 'planned', plan: SAMPLE_PLAN, title: 'Shop 1.3.0' },
      { event: 'approval_opened', gate: sampleGate('go_live') },
      { event: 'decided', decision: sampleDecision({ reason: 'ready' }) },
      { event: 'went_live', environment: 'production', version: '1.3.0' },
      { event: 'not_told', channel: 'ceo', why: ['slack is away', 'no mail server'] },
    ]);
    for (const entry of record.timeline) {
      expect(Object.keys(entry).toSorted()).toEqual(['at', 'data', 'event', 'link']);
    }
    expect(record.timeline.map(({ event, data }) => ({ event, ...data }))).toMatchObject([
      { event: 'planned', plan: { version: '1.3.0', type: 'minor' } },
      { event: 'approval_opened', gate: { key: 'go_live', required: ['ceo', 'engineering_lead'] } },
      { event: 'decided', decision: { person: 'ada', role: 'ceo', decision: 'approve', reason: 'ready' } },
      { event: 'went_live', environment: 'production', version: '1.3.0' },
      { event: 'not_told', channel: 'ceo', why: ['slack is away', 'no mail server'] },
    ]);
    expect(describeTimeline(record).map(({ what, by }) => `${what}${by ? ` (${by})` : ''}`)).toEqual([
      'planned 1.3.0 (minor) from bbbbbbbbbbbb',
      'Shop 1.3.0: go_live: waits for ceo, engineering_lead',
      'go_live approved as ceo: ready (ada)',
      'live: production answers with 1.3.0',
      'could not tell ceo: slack is away; no mail server',
    ]);
  });

  it('keeps nothing of an event that stands elsewhere: no plan, no end of a log', () => {
    const record = recordAfter([
      { event: 'planned', plan: { ...SAMPLE_PLAN, highlights: 'x'.repeat(9_000) }, title: 'Shop 1.3.0' },
      { event: 'step_started', id: 'gates.tests', title: 'Tests' },
      {
        event: 'step_failed',
        id: 'gates.tests',
        failure: {
          type: 'ScriptFailed',
          what: 'ended with 1',
          changed: '',
          next: '',
          logTail: 'y'.repeat(9_000),
        },
      },
    ]);
    expect(JSON.stringify(record.timeline).length).toBeLessThan(1_000);
  });

  it('is shown by the API with the sentence beside the data, and a sentence that somebody put there is not', () => {
    const record = recordAfter([{ event: 'held', by: 'cleo', reason: 'lunch' }]);
    const [entry] = presentRecord(record).timeline;
    expect(entry).toEqual({
      at: entry?.at,
      event: 'held',
      data: { by: 'cleo', reason: 'lunch' },
      what: 'held: lunch',
      by: 'cleo',
      link: record.chain,
    });
    const planted = structuredClone(record);
    Object.assign(planted.timeline[0]!, { what: 'go_live approved as ceo', by: 'ada' });
    expect(presentRecord(planted)).toEqual(presentRecord(record));
    expect(renderStatus(planted, TERMINAL)).toBe(renderStatus(record, TERMINAL));
    // What the API answered can be verified as it is.
    expect(verifyChain(presentRecord(record) as unknown as ReleaseRecord)).toMatchObject({ whole: true });
  });

  it('says of an event that a newer version wrote what it is called', () => {
    const record = recordAfter([]);
    for (const data of [undefined, {}, { plan: null }, { decision: 5 }]) {
      const entry = { at: AT, event: 'sent_to_the_moon' as 'held', ...(data && { data }), link: '' };
      expect(describeEntry(entry, record)).toEqual({ what: 'sent to the moon' });
      expect(describeEntry({ ...entry, event: 'planned' }, record)).toEqual({ what: 'planned' });
      expect(readFact({ ...entry, event: 'decided' }, record).event).toBe('decided');
    }
  });
});

/** What people read of each, word for word as before it had fields: the chains of old records hold these sentences. */
const SENTENCES: [SampleEvent, string][] = [
  [
    { event: 'goes_back', environment: 'eu', from: '1.3.0', to: '1.2.0', by: 'olga' },
    'rolling eu back from 1.3.0 to 1.2.0',
  ],
  [
    { event: 'perhaps_told_twice', channel: 'ceo', ways: ['slack', 'mail'] },
    'ceo may have been told twice by slack, mail: a worker died meanwhile',
  ],
  [{ event: 'not_archived', why: 'no store' }, 'the record is not in the archive: no store'],
  [
    { event: 'version_used_up', version: '1.3.0', remains: [] },
    '1.3.0 is used up; what remains public: nothing',
  ],
  [
    { event: 'version_used_up', version: '1.3.0', remains: ['a tag', 'a branch'] },
    '1.3.0 is used up; what remains public: a tag; a branch',
  ],
  [{ event: 'approval_expired_unused' }, 'an approval has expired before it was used: it is asked for again'],
  [{ event: 'approvals_not_looked_at', why: 'no ledger' }, 'approvals could not be looked at: no ledger'],
  [{ event: 'approvals_asked_again', why: 'ada left' }, 'approvals are asked for again: ada left'],
  [{ event: 'texts_edited', by: 'rita' }, 'rita edited the texts: they are to be approved anew'],
  [{ event: 'left_as_it_is', environment: 'us', version: '1.1.0' }, 'us runs 1.1.0: it is left as it is'],
  [
    { event: 'asked_to_make_room', workflowId: 'release/shop' },
    'the release in flight (release/shop) was asked to make room',
  ],
  [{ event: 'none_in_flight' }, 'no release is in flight'],
  [
    { event: 'room_not_needed', hotfix: 'hotfix/shop' },
    'hotfix/shop asked for room: production is done with already',
  ],
  [
    { event: 'schedule_skipped', when: '2026-11-20' },
    'the release that was scheduled for 2026-11-20 did not start: this one is in flight',
  ],
  [
    { event: 'rollback_step_done', environment: 'eu', script: 'deploy', title: 'Deploy 1.2.0 again' },
    'Deploy 1.2.0 again',
  ],
  [
    { event: 'rollback_step_failed', environment: 'eu', title: 'Deploy 1.2.0 again', why: 'no room' },
    'the rollback itself failed: Deploy 1.2.0 again: no room',
  ],
  [
    { event: 'rollback_did_not_help', product: 'shop', environment: 'eu', why: 'slow' },
    'going back did not help: slow. Proposed: windlass hotfix shop --commit SHA',
  ],
  [
    { event: 'history_not_kept', environment: 'eu', version: '1.3.0', why: 'away' },
    'the history of eu lacks that it runs 1.3.0: away',
  ],
  [
    { event: 'deployment_refused', command: 'dismiss', by: 'mallory', reason: 'not signed' },
    'refused dismiss by mallory: not signed',
  ],
  [{ event: 'deployment_held', environment: 'eu' }, 'the deployment to eu is held'],
  [{ event: 'issue_not_opened', why: 'away' }, 'the issue could not be opened: away'],
  [
    { event: 'not_shown_on_host', environment: 'eu', version: '1.3.0', state: 'success', why: 'away' },
    'the host does not show that 1.3.0 is success in eu: away',
  ],
  [
    { event: 'perhaps_not_shown_on_host', environment: 'eu', version: '1.3.0' },
    'the host is away: it may not show how 1.3.0 ended in eu',
  ],
  [
    { event: 'monitoring_restarted', why: 'killed' },
    'monitoring ended from outside and starts again: killed',
  ],
  [
    { event: 'environment', environment: { name: 'eu', backup: 'b-1' }, news: { is: 'backed_up' } },
    'database backup b-1',
  ],
  [
    { event: 'environment', environment: { name: 'eu', version: '1.3.0' }, news: { is: 'runs' } },
    'eu runs 1.3.0',
  ],
  [
    { event: 'environment', environment: { name: 'eu', version: '1.2.0' }, news: { is: 'runs_again' } },
    'eu runs 1.2.0 again',
  ],
  [
    {
      event: 'environment',
      environment: { name: 'eu', share: 10 },
      news: { is: 'traffic', version: '1.3.0' },
    },
    "10 % of eu's traffic goes to 1.3.0",
  ],
  [
    {
      event: 'environment',
      environment: { name: 'eu', share: 25 },
      news: { is: 'instances', version: '1.3.0', first: 1, last: 1, of: 4 },
    },
    'instance 1 of 4 in eu runs 1.3.0',
  ],
  [
    {
      event: 'environment',
      environment: { name: 'eu', share: 50 },
      news: { is: 'instances', version: '1.3.0', first: 1, last: 2, of: 4 },
    },
    'instances 1 to 2 of 4 in eu run 1.3.0',
  ],
  [
    {
      event: 'environment',
      environment: { name: 'eu', share: 0 },
      news: { is: 'taken_back', version: '1.3.0', by: 'olga' },
    },
    'eu goes back: olga takes 1.3.0 back',
  ],
];

describe('a sentence', () => {
  it.each(SENTENCES)('of %o', (event, sentence) => {
    const record = recordAfter([event]);
    expect(describeTimeline(record).map(({ what }) => what)).toEqual([sentence]);
    // In a record that began before, the same words, which its chain holds.
    const old = applyEvent({ ...recordAfter([]), format: 2 }, { at: AT, ...event } as RecordEvent);
    expect(old.timeline[0]?.what).toBe(sentence);
    expect(['noted', 'environment']).toContain(old.timeline[0]?.event);
  });
});

describe('a record of format 2', () => {
  const read = () =>
    JSON.parse(
      readFileSync(fileURLToPath(new URL('../fixtures/records/format-2.json', import.meta.url)), 'utf8'),
    ) as ReleaseRecord;

  it('is whole, and is told word for word as it was', () => {
    const record = read();
    const told = record.timeline.map(({ at, what, by }) => ({
      at,
      what,
      ...(by === undefined ? {} : { by }),
    }));
    expect(told).toHaveLength(record.timelineTotal);
    expect(verifyChain(record)).toEqual({ whole: true, verified: record.timelineTotal, unseen: 0 });
    expect(describeTimeline(record)).toEqual(told);
    const shown = presentRecord(record);
    expect(shown).toEqual(record);
    expect(verifyChain(shown as unknown as ReleaseRecord)).toMatchObject({ whole: true });
    const principal = { name: 'ada', roles: [], via: 'token' };
    const page = renderRelease({
      principal,
      record,
      kind: 'release',
      open: true,
      actions: [],
      now: new Date(AT),
    } as never);
    for (const text of [
      renderStatus(record, TERMINAL),
      renderChecklist(record),
      page,
      renderPostMortem(record),
    ]) {
      expect(text).toContain('rolling production back from 1.3.0 to 1.2.0');
    }
    expect(viewPostMortem(record)).toMatchObject({
      timeToDecideMs: 11 * 60_000,
      timeToRecoverMs: 13 * 60_000,
    });
    expect(record.timeline.map((entry) => readFact(entry, record).data)).toEqual(
      record.timeline.map(({ data }) => data),
    );
  });

  it('goes on in its own form, since its chain is public already', () => {
    const next = (event: RecordEvent) => applyEvent(read(), event).timeline.at(-1);
    // Both as the version before wrote them, links and all.
    expect(
      next({
        at: AT,
        event: 'ended',
        outcome: 'rolled_back',
        ending: 'rolled back to 1.2.0: orders fail',
        remains: [],
      }),
    ).toEqual({
      at: AT,
      event: 'ended',
      data: { outcome: 'rolled_back' },
      what: 'rolled back: rolled back to 1.2.0: orders fail',
      link: 'sha256:07ee37063f9ee9976fade5cb3459eb00e1d47822037380adfc936381ce098cbc',
    });
    expect(next({ at: AT, event: 'went_live', environment: 'production', version: '1.2.0' })).toEqual({
      at: AT,
      event: 'noted',
      data: { fact: 'went_live' },
      what: 'live: production answers with 1.2.0',
      link: 'sha256:cda4cee34dc0766c00d2bc26e180f3f12174bf1f92bfe2fb8206ae558569f80e',
    });
  });
});
