import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/release/digest.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { openRecord } from '../../src/release/record/record.ts';
import type { RecordEvent } from '../../src/release/record/record-event.ts';
import { describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { readFact } from '../../src/release/record/timeline/facts.ts';
import { TIMELINE_KEPT } from '../../src/release/record/timeline/timeline.ts';
import { applyEvent, REFUSALS_KEPT } from '../../src/release/record/transitions.ts';

const AT = '2026-11-21T10:00:00.000Z';

describe('the record', () => {
  it('counts attempts of a step, and forgets the failure once it is done', () => {
    const failure = { type: 'ScriptFailed', what: 'ended with 1', changed: 'nothing', next: 'retry' };
    const failed = play([
      { event: 'step_started', id: 'gates.tests', title: 'Tests', phase: 'gates' },
      { event: 'step_failed', id: 'gates.tests', failure },
    ]);
    expect(failed.steps[0]).toMatchObject({ status: 'failed', attempts: 1, failure });
    const done = play(
      [
        { event: 'step_started', id: 'gates.tests', title: 'Tests', phase: 'gates' },
        { event: 'step_done', id: 'gates.tests', detail: 'passed' },
      ],
      failed,
    );
    expect(done.steps).toHaveLength(1);
    expect(done.steps[0]).toMatchObject({ status: 'done', attempts: 2, detail: 'passed' });
    expect(done.steps[0]?.failure).toBeUndefined();
  });

  it('never changes a record that it was given', () => {
    const before = open();
    const copy = structuredClone(before);
    play(
      [
        { event: 'held', by: 'cleo', reason: 'lunch' },
        { event: 'blocked', blockers: ['a bug'] },
      ],
      before,
    );
    expect(before).toEqual(copy);
  });

  it('chains every entry of the timeline to all before it', () => {
    const record = play([
      { event: 'held', by: 'cleo', reason: 'lunch' },
      { event: 'resumed', by: 'cleo' },
    ]);
    const [first, second] = record.timeline;
    expect(first?.link).toBe(
      digestOf({ before: '', at: AT, event: 'held', data: { by: 'cleo', reason: 'lunch' } }),
    );
    expect(second?.link).toBe(
      digestOf({ before: first?.link, at: AT, event: 'resumed', data: { by: 'cleo' } }),
    );
    expect(record.chain).toBe(second?.link);
  });

  it('that began before entries kept their events goes on in its own form, and says the same', () => {
    const events: Body[] = [
      { event: 'noted', fact: 'went_live', what: 'live: production answers with 1.3.0' },
      { event: 'command_taken', command: 'rollback', by: 'olga', reason: 'orders fail', verified: true },
      {
        event: 'environment',
        environment: { name: 'production', version: '1.2.0' },
        note: 'production runs 1.2.0 again',
        fact: 'runs_again',
      },
      { event: 'noted', fact: 'not_told', channel: 'ceo', what: 'could not tell ceo: away' },
    ];
    const now = play(events);
    const old = play(events, { ...open(), format: 1 });
    expect(old.timeline[0]).not.toHaveProperty('event');
    expect(old.timeline[0]?.link).toBe(
      digestOf({ before: '', at: AT, what: 'live: production answers with 1.3.0' }),
    );
    expect(old.timeline.map((entry) => readFact(entry, old))).toEqual(
      now.timeline.map((entry) => readFact(entry, now)),
    );
    expect(describeTimeline(old)).toEqual(describeTimeline(now));
  });

  it('stays under 256 KiB whatever is thrown at it for as long as it runs', () => {
    let record = open();
    const tail = 'x'.repeat(100_000);
    for (let n = 0; n < 2_000; n++) {
      record = play(
        [
          { event: 'command_refused', refusal: { what: 'approve', by: 'mallory', reason: 'r'.repeat(200) } },
          { event: 'step_started', id: 'gates.tests', title: 'Tests' },
          {
            event: 'step_failed',
            id: 'gates.tests',
            failure: { type: 'ScriptFailed', what: 'w'.repeat(200), changed: '', next: '', logTail: tail },
          },
        ],
        record,
      );
    }
    expect(JSON.stringify(record).length).toBeLessThan(256 * 1024);
    expect(record.refusals).toHaveLength(REFUSALS_KEPT);
    expect(record.refusalCount).toBe(2_000);
    expect(record.timeline).toHaveLength(TIMELINE_KEPT);
    expect(record.timelineTotal).toBe(4_000);
  });

  it('keeps the decisions of a replaced plan apart, for the audit', () => {
    const gate = {
      key: 'changelog_review' as const,
      title: 'Review',
      subject: 'sha256:plan',
      required: ['release_manager' as const],
      requestedBy: 'cleo',
      authors: [],
      onePersonManyRoles: false,
      openedAt: AT,
      status: 'open' as const,
      decisions: [],
      reminders: 0,
    };
    const decision = {
      nonce: 'n',
      gate: 'changelog_review',
      decision: 'approve' as const,
      person: 'cleo',
      role: 'release_manager' as const,
      subject: 'sha256:plan',
      at: AT,
      validUntil: AT,
      signed: { signed: '', keyId: '', signature: '' },
    };
    const record = play([
      { event: 'approval_opened', gate },
      { event: 'decided', decision },
      { event: 'replanned', by: 'cleo', reason: 'a fix' },
    ]);
    expect(record.round).toBe(2);
    expect(record.approvals).toEqual([]);
    expect(record.voided).toEqual([decision]);
  });
});

type Body = RecordEvent extends infer E ? (E extends { at: string } ? Omit<E, 'at'> : never) : never;

function play(events: Body[], from: ReleaseRecord = open()): ReleaseRecord {
  return events.reduce((record, event) => applyEvent(record, { at: AT, ...event } as RecordEvent), from);
}

function open(): ReleaseRecord {
  return openRecord(
    'release',
    { releaseId: 'shop-1', product: 'shop', bump: 'auto', requestedBy: 'cleo', requestedAt: AT, via: 'api' },
    'Shop',
    AT,
  );
}
