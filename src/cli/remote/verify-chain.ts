import { digestOf } from '../../release/digest.ts';
import type { ReleaseRecord, TimelineEntry } from '../../release/record.ts';
import { TIMELINE_KEPT } from '../../release/transitions.ts';

/** What the chain of a record's timeline turned out to be. */
export interface ChainVerdict {
  whole: boolean;
  /** Entries whose link was computed anew and agrees. */
  verified: number;
  /** Entries before the first kept one: counted in the record, not in it. */
  unseen: number;
  /** The first thing that does not fit, as a sentence. */
  broken?: string;
  /** Number of that entry, from 1, counting the unseen ones. */
  at?: number;
}

type Chained = Pick<ReleaseRecord, 'timeline' | 'timelineTotal' | 'chain'>;

/**
 * Computes every link of the audit chain anew, as the record's transitions make them: a link is the digest over the
 * link before it and the entry. Where older entries were dropped, the first kept link is taken on trust.
 */
export function verifyChain(record: Chained): ChainVerdict {
  const { timeline, timelineTotal } = record;
  const unseen = timelineTotal - timeline.length;
  if (unseen < 0) {
    const broken = `the record counts ${timelineTotal} entries and holds ${timeline.length}`;
    return { whole: false, verified: 0, unseen: 0, broken };
  }
  if (unseen > 0 && timeline.length < TIMELINE_KEPT) {
    const broken = `the record counts ${timelineTotal} entries and holds only ${timeline.length}, although it keeps ${TIMELINE_KEPT}: the oldest were taken away`;
    return { whole: false, verified: 0, unseen, at: 1, broken };
  }
  let before = unseen === 0 ? '' : undefined;
  let verified = 0;
  for (const [index, entry] of timeline.entries()) {
    if (before !== undefined) {
      if (linkOf(before, entry) !== entry.link) {
        const at = unseen + index + 1;
        return { whole: false, verified, unseen, at, broken: describeBreak(at, entry) };
      }
      verified += 1;
    }
    before = entry.link;
  }
  const head = timeline.at(-1)?.link ?? '';
  if (record.chain !== head) {
    const broken = `the chain's head is ${short(record.chain)}, and the last entry's link ${short(head)}: entries at the end are missing or were added`;
    return { whole: false, verified, unseen, at: timelineTotal, broken };
  }
  return { whole: true, verified, unseen };
}

function linkOf(before: string, { at, what, by }: TimelineEntry): string {
  return digestOf({ before, at, what, by });
}

function describeBreak(at: number, entry: TimelineEntry): string {
  return `entry ${at} (${entry.at}, "${entry.what.slice(0, 120)}") does not fit the entries before it: one of them, or this one, was changed, added or removed`;
}

function short(digest: string): string {
  return digest === '' ? 'empty' : digest.slice(0, 19);
}
