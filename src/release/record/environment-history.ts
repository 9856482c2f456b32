/**
 * What ran in an environment, one entry for each change of it, kept outside Temporal and never changed afterwards. Where
 * a rollback goes is read from here, not from version numbers: the number below may never have run there, or may have
 * been taken back itself.
 */

import type { ReleaseType } from '../settings.ts';
import type { StoreRef } from '../store-ref.ts';
import type { ReleaseRecord } from './record.ts';

export const HISTORY_EVENTS = ['went_live', 'went_back'] as const;

export interface HistoryEntry {
  product: string;
  environment: string;
  releaseId: string;
  /** ISO 8601, by the clock of the workflow that changed it. */
  at: string;
  /** Of the lease under which it was changed; 0 where it is not known. */
  generation: number;
  event: (typeof HISTORY_EVENTS)[number];
  /** What it runs from then on. */
  version: string;
  /** What it ran until then, as far as it said. */
  before?: string;
  /** Of a way back: `before` was bad. Not set where it only made room, or was undone before it was live. */
  isBad?: true;
  reason?: string;
  /** What `version` is made of, so that it can be put back, or taken back, without a tag. */
  type?: ReleaseType;
  commit?: string;
  /** Holds the commit while it is not pushed. */
  bundle?: StoreRef;
  artifact?: StoreRef;
  /** `repository@sha256:…`. */
  image?: string;
}

/** Entries in the order in which they happened. */
export function sortHistory(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.generation - b.generation);
}

/**
 * The version that ran there before the one that runs now; `undefined` where none is known. What was taken back is
 * passed over, unless somebody put it there again since. An environment that runs something which Windlass did not put
 * there had, before that, what Windlass put there last.
 */
export function versionBefore(history: readonly HistoryEntry[], running: string): string | undefined {
  const stack = stackVersions(history);
  const at = stack.lastIndexOf(running);
  const below = at < 0 ? stack : stack.slice(0, at);
  return below.findLast((version) => version !== running && !findTakenBack(history, version));
}

/** The entry by which a version was taken back as bad, where that is the last that is known of it. */
export function findTakenBack(history: readonly HistoryEntry[], version: string): HistoryEntry | undefined {
  const last = history.findLast(
    (entry) => entry.version === version || (entry.event === 'went_back' && entry.before === version),
  );
  return last && last.version !== version && last.isBad ? last : undefined;
}

/** What is known of a version that ran there, newest first: an entry that says of what it is made. */
export function findMade(history: readonly HistoryEntry[], version: string): HistoryEntry | undefined {
  return history.findLast((entry) => entry.version === version && entry.commit !== undefined);
}

/** Whether the version is known to have run there. */
export function hasRun(history: readonly HistoryEntry[], version: string): boolean {
  return history.some((entry) => entry.version === version || entry.before === version);
}

/** Versions one above the other as they came; going back uncovers what lay below. */
function stackVersions(history: readonly HistoryEntry[]): string[] {
  let stack: string[] = [];
  for (const { event, version, before } of history) {
    if (event === 'went_back') {
      stack = uncover(stack, version);
      continue;
    }
    // Somebody may have changed it by hand meanwhile.
    if (before !== undefined && before !== version) stack = uncover(stack, before);
    if (stack.at(-1) !== version) stack = [...stack, version];
  }
  return stack;
}

function uncover(stack: string[], version: string): string[] {
  const at = stack.lastIndexOf(version);
  return at < 0 ? [...stack, version] : stack.slice(0, at + 1);
}

/** What a record that was archived before environments had a history says of one. */
export function readHistoryOf(record: ReleaseRecord, environment: string): HistoryEntry[] {
  const { plan, outcome, endedAt } = record;
  const found = record.environments.find(({ name }) => name === environment);
  if (!found || !plan) return [];
  const shared = { product: record.product, environment, releaseId: record.releaseId };
  const generation = found.generation ?? 0;
  const entries: HistoryEntry[] = [];
  if (record.kind !== 'rollback' && found.deployedAt !== undefined) {
    entries.push({
      ...shared,
      at: found.deployedAt,
      generation,
      event: 'went_live',
      version: plan.version,
      ...(found.previousVersion === undefined ? {} : { before: found.previousVersion }),
      type: plan.type,
      ...(record.commit === undefined ? {} : { commit: record.commit }),
      ...(record.built ?? {}),
    });
  }
  const back = found.version ?? found.previousVersion;
  const wentBack = outcome === 'rolled_back' || (record.kind === 'rollback' && outcome === 'completed');
  if (wentBack && endedAt !== undefined && back !== undefined && back !== plan.version) {
    entries.push({
      ...shared,
      at: endedAt,
      generation,
      event: 'went_back',
      version: back,
      before: plan.version,
      isBad: true,
    });
  }
  return entries;
}
