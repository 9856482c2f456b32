/** Groups the changes of a release: the data that changelog, notes and every other view render. */
import type { Change } from '../commits/commit.ts';
import type { SectionName } from '../commits/commit-types.ts';
import { type DependencyUpdate, gatherUpdates } from '../commits/dependency-updates.ts';

/** One line of a release: a change with the commit that brought it. */
export interface Item extends Change {
  sha: string;
  /** Whether a merge says it, and so repeats what its branch says. */
  merge?: boolean;
  /** Login of the pull request's author, where its details were looked up. */
  by?: string;
}

export interface Sections {
  /** Everything that breaks, whatever its section; it stands there too. */
  breaking: Item[];
  groups: Record<Exclude<SectionName, 'hidden' | 'dependencies'>, Item[]>;
  dependencies: DependencyUpdate[];
}

/** An empty set of sections. */
export function emptySections(): Sections {
  return {
    breaking: [],
    groups: {
      added: [],
      changed: [],
      performance: [],
      deprecated: [],
      removed: [],
      fixed: [],
      security: [],
      reverted: [],
      other: [],
    },
    dependencies: [],
  };
}

/**
 * Groups items. A merge that repeats the words of its branch's commit is one with it, and keeps the number of the pull
 * request; so are two commits of one pull request. Two changes that only have the same title stay two.
 *
 * @param items newest first
 */
export function groupItems(items: readonly Item[]): Sections {
  const sections = emptySections();
  // A release of one item, as most are in a long history, has nothing to compare.
  const seen = items.length > 1 ? new Map<string, Item>() : null;
  const updates: DependencyUpdate[] = [];
  for (const item of items) {
    const section = sectionByVerb(item);
    if (item.dependencies.length > 0) updates.unshift(...item.dependencies);
    if (
      section === 'hidden' ||
      (section === 'dependencies' && item.dependencies.length > 0 && !item.breaking)
    ) {
      continue;
    }
    const key = seen === null ? '' : `${section}\n${item.scope ?? ''}\n${item.text.toLowerCase()}`;
    const same = seen?.get(key);
    if (same !== undefined && isRepetition(item, same)) {
      if (item.breaking && !same.breaking) sections.breaking.push(same);
      mergeInto(same, item);
      continue;
    }
    const kept: Item = { ...item, section };
    seen?.set(key, kept);
    if (kept.breaking) sections.breaking.push(kept);
    if (section === 'dependencies') {
      if (kept.dependencies.length === 0) sections.groups.changed.push(kept);
    } else sections.groups[section].push(kept);
  }
  if (updates.length > 0) sections.dependencies = gatherUpdates(updates);
  return sections;
}

/** Whether two items of the same words are one change. */
function isRepetition(one: Item, other: Item): boolean {
  if (one.merge === true || other.merge === true) return one.merge !== other.merge || samePull(one, other);
  return one.sha === other.sha || samePull(one, other);
}

function samePull(one: Item, other: Item): boolean {
  return one.pullRequest !== null && one.pullRequest === other.pullRequest;
}

/** Adds what a repetition says beyond the item that is kept. */
function mergeInto(kept: Item, repeated: Item): void {
  kept.pullRequest ??= repeated.pullRequest;
  if (kept.by === undefined && repeated.by !== undefined) kept.by = repeated.by;
  const more = repeated.closes.filter(
    (issue) =>
      !kept.closes.some(({ number, project }) => number === issue.number && project === issue.project),
  );
  if (more.length > 0) kept.closes = [...kept.closes, ...more];
  kept.breaking ||= repeated.breaking;
  if (kept.breakingNotes.length === 0) kept.breakingNotes = repeated.breakingNotes;
}

/**
 * Keep a Changelog has sections for what goes away, conventional commits have no type for it: a feature or a change
 * whose verb says so belongs there.
 */
function sectionByVerb(item: Item): Item['section'] {
  if (item.section !== 'added' && item.section !== 'changed') return item.section;
  if (/^deprecate[sd]?\b/i.test(item.text)) return 'deprecated';
  return /^(remove[sd]?|drop(s|ped)?)\b/i.test(item.text) ? 'removed' : item.section;
}
