import { digestOf } from '../../digest.ts';
import type { ReleaseRecord, TimelineEntry } from '../record.ts';
import type { RecordEvent } from '../record-event.ts';
import { describeEvent } from './describe-event.ts';
import { nameAsInFormat2 } from './facts.ts';
import { keepFields } from './keep-fields.ts';
import type { Sentence } from './told-events.ts';

/** The most entries that a record holds. Older ones are in the store. */
export const TIMELINE_KEPT = 250;

/**
 * An entry's link in the audit chain of a record of that format: the digest over the link before it and everything that
 * the entry holds. A sentence that somebody has put beside the data, as the API does for its readers, is no part of it.
 */
export function linkEntry(
  before: string,
  entry: Omit<TimelineEntry, 'link'>,
  { format }: Pick<ReleaseRecord, 'format'>,
): string {
  const { at, event, data, what, by } = entry;
  return digestOf(format < 3 ? { before, at, event, data, what, by } : { before, at, event, data });
}

/** The record with one more entry, if the event is one that is told. */
export function addEntry(record: ReleaseRecord, event: RecordEvent): ReleaseRecord {
  const sentence = describeEvent(event);
  if (sentence === undefined) return record;
  const entry = {
    at: event.at,
    ...(record.format < 3 ? inOldForm(record, event, sentence) : inForm3(event)),
  };
  const link = linkEntry(record.chain, entry, record);
  return {
    ...record,
    chain: link,
    timeline: [...record.timeline, { ...entry, link }].slice(-TIMELINE_KEPT),
    timelineTotal: record.timelineTotal + 1,
  };
}

function inForm3(event: RecordEvent): Pick<TimelineEntry, 'event' | 'data'> {
  return { event: event.event, data: keepFields(event) };
}

/** What began before entries kept their data alone goes on as it began: its chain is public already. */
function inOldForm(
  { format }: ReleaseRecord,
  event: RecordEvent,
  sentence: Sentence,
): Omit<TimelineEntry, 'at' | 'link'> {
  return { ...(format === 1 ? {} : nameAsInFormat2(event)), ...sentence };
}
