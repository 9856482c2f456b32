/** Groups the changes of a release: the data that changelog, notes and every other view render. */
import type { Change } from './commit.ts';
import type { SectionName } from './commit-types.ts';
import { type DependencyUpdate, gatherUpdates } from './dependency-updates.ts';

/** One line of a release: a change with the commit that brought it. */
export interface Item extends Change {
  sha: string;
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
 * Groups items. Two items that say the same in the same place (a commit, and the merge that repeats its title) are
 * one, which keeps the number of the pull request.
 *
 * @param items newest first
 */
export function groupItems(items: readonly Item[]): Sections {
  const sections = emptySections();
  const seen = new Map<string, Item>();
  const updates: DependencyUpdate[] = [];
  for (const written of items) {
    const item = { ...written, section: sectionByVerb(written) };
    if (item.dependencies.length > 0) updates.unshift(...item.dependencies);
    if (
      item.section === 'hidden' ||
      (item.section === 'dependencies' && item.dependencies.length > 0 && !item.breaking)
    ) {
      continue;
    }
    const key = `${item.section}\n${item.scope ?? ''}\n${item.text.toLowerCase()}`;
    const same = seen.get(key);
    if (same !== undefined) {
      same.pullRequest ??= item.pullRequest;
      for (const issue of item.closes) {
        if (!same.closes.some((other) => other.number === issue.number && other.project === issue.project)) {
          same.closes.push(issue);
        }
      }
      if (item.breaking && !same.breaking) sections.breaking.push(same);
      same.breaking ||= item.breaking;
      if (same.breakingNotes.length === 0) same.breakingNotes = item.breakingNotes;
      continue;
    }
    const kept = { ...item, closes: [...item.closes] };
    seen.set(key, kept);
    if (kept.breaking) sections.breaking.push(kept);
    if (kept.section === 'dependencies') {
      if (kept.dependencies.length === 0) sections.groups.changed.push(kept);
    } else if (kept.section !== 'hidden') sections.groups[kept.section].push(kept);
  }
  sections.dependencies = gatherUpdates(updates);
  return sections;
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
