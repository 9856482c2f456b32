import { digestOf } from '../digest.ts';
import { dataOf } from './facts.ts';
import type { ReleaseRecord, TimelineEntry } from './record.ts';
import type { RecordEvent } from './record-event.ts';

/** The most entries that a record holds. Older ones are in the store. */
export const TIMELINE_KEPT = 250;

/** An entry's link in the audit chain: the digest over the link before it and everything that the entry holds. */
export function linkEntry(before: string, entry: Omit<TimelineEntry, 'link'>): string {
  const { at, event, data, what, by } = entry;
  return digestOf({ before, at, event, data, what, by });
}

/** The record with one more entry: what the event was, the sentence that tells it, and who did it where somebody did. */
export function addEntry(
  record: ReleaseRecord,
  event: RecordEvent,
  { what, by }: { what: string; by?: string },
): ReleaseRecord {
  // What began before entries kept their events goes on as it began: its chain is public already.
  const fact = record.format === 1 ? {} : { event: event.event, data: dataOf(event) };
  const entry = { at: event.at, ...fact, what, ...(by === undefined ? {} : { by }) };
  const link = linkEntry(record.chain, entry);
  return {
    ...record,
    chain: link,
    timeline: [...record.timeline, { ...entry, link }].slice(-TIMELINE_KEPT),
    timelineTotal: record.timelineTotal + 1,
  };
}
