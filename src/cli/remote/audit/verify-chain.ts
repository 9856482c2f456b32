import { shortDigest } from '../../../release/digest.ts';
import type { TrailFault } from '../../../release/names.ts';
import type { ReleaseRecord, TimelineEntry } from '../../../release/record/record.ts';
import { describeEntry } from '../../../release/record/timeline/describe-event.ts';
import { linkEntry, TIMELINE_KEPT } from '../../../release/record/timeline/timeline.ts';

/** What the chain of a record's timeline turned out to be. */
export interface ChainVerdict {
  whole: boolean;
  /** Entries whose link was computed anew and agrees. */
  verified: number;
  /** Entries that are neither in the record nor at hand: counted only. */
  unseen: number;
  /** The first thing that does not fit, as a sentence. */
  broken?: string;
  /** Number of that entry, from 1, counting the unseen ones. */
  at?: number;
}

type Chained = Pick<ReleaseRecord, 'format' | 'timeline' | 'timelineTotal' | 'chain' | 'trail'>;

/** A part of the trail as it was read from the store. */
export interface ReadPart {
  count: number;
  entries?: TimelineEntry[];
  fault?: TrailFault;
}

/**
 * Computes every link of the audit chain anew, as the record's transitions make them: a link is the digest over the
 * link before it and the entry. `parts` are the older entries, from the first one on. Where entries between them and
 * the record's own are not at hand, the first kept link is taken on trust.
 */
export function verifyChain(record: Chained, parts: readonly ReadPart[] = []): ChainVerdict {
  const { timeline, timelineTotal } = record;
  const older = collectParts(record, parts);
  if (!Array.isArray(older)) return older;
  const unseen = timelineTotal - older.length - timeline.length;
  const fail = (broken: string, at?: number): ChainVerdict => ({
    whole: false,
    verified: 0,
    unseen: Math.max(0, unseen),
    broken,
    ...(at === undefined ? {} : { at }),
  });
  if (unseen < 0) {
    return fail(`the record counts ${timelineTotal} entries and holds ${older.length + timeline.length}`);
  }
  const stored = parts.length > 0 ? 0 : (record.trail ?? []).reduce((sum, { count }) => sum + count, 0);
  if (unseen > stored && timeline.length < TIMELINE_KEPT) {
    return fail(
      `the record counts ${timelineTotal} entries and holds only ${timeline.length}, although it keeps ${TIMELINE_KEPT}: the oldest were taken away`,
      1,
    );
  }
  const first = verifyLinks(record, older, '', 0);
  if (first.broken) return { whole: false, unseen, ...first };
  const last = older.at(-1)?.link ?? '';
  const rest = verifyLinks(record, timeline, unseen === 0 ? last : undefined, older.length + unseen);
  const verified = first.verified + rest.verified;
  if (rest.broken) return { whole: false, unseen, ...rest, verified };
  const head = timeline.at(-1)?.link ?? last;
  if (record.chain !== head) {
    const broken = `the chain's head is ${short(record.chain)}, and the last entry's link ${short(head)}: entries at the end are missing or were added`;
    return { whole: false, verified, unseen, at: timelineTotal, broken };
  }
  return { whole: true, verified, unseen };
}

/** The entries of all parts, or what is wrong with the first that cannot be had. */
function collectParts(record: Chained, parts: readonly ReadPart[]): TimelineEntry[] | ChainVerdict {
  if (parts.length === 0) return [];
  const entries: TimelineEntry[] = [];
  const listed = record.trail ?? [];
  for (const [index, part] of parts.entries()) {
    const from = entries.length + 1;
    const count = listed[index]?.count ?? part.count;
    const where = `entries ${from} to ${from + count - 1}`;
    const why =
      part.fault === 'missing'
        ? 'the store has lost them'
        : part.fault === 'corrupt' || !part.entries
          ? 'the store holds other bytes than were put there'
          : part.entries.length !== count
            ? `the store holds ${part.entries.length} of them`
            : undefined;
    if (why !== undefined) {
      return { whole: false, verified: 0, unseen: 0, at: from, broken: `${where} are not to be had: ${why}` };
    }
    entries.push(...(part.entries ?? []));
  }
  return entries;
}

/** `before`: the link before the first entry; `undefined` when it is not known, and the first link is trusted. */
function verifyLinks(
  record: Chained,
  entries: readonly TimelineEntry[],
  before: string | undefined,
  passed: number,
): { verified: number; at?: number; broken?: string } {
  let link = before;
  let verified = 0;
  for (const [index, entry] of entries.entries()) {
    if (link !== undefined) {
      if (linkEntry(link, entry, record) !== entry.link) {
        const at = passed + index + 1;
        return { verified, at, broken: describeBreak(at, entry, record) };
      }
      verified += 1;
    }
    link = entry.link;
  }
  return { verified };
}

function describeBreak(at: number, entry: TimelineEntry, record: Chained): string {
  const { what } = describeEntry(entry, record);
  return `entry ${at} (${entry.at}, "${what.slice(0, 120)}") does not fit the entries before it: one of them, or this one, was changed, added or removed`;
}

function short(digest: string): string {
  return digest === '' ? 'empty' : `sha256:${shortDigest(digest)}`;
}
