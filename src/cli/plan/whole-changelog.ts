/** `windlass plan --all`: the whole history's changelog, read in one pass and rendered release by release. */
import { type AllHistory, readReleases } from '../../integrations/git/history/history-all.ts';
import type { RecentWork } from '../../integrations/git/history/history-people.ts';
import type { OpenedRepository } from '../../integrations/git/history/history-refs.ts';
import type { Scope } from '../../integrations/git/history/history-scope.ts';
import type { MatchedTags } from '../../integrations/git/history/history-tags.ts';
import {
  compareLink,
  type ReleaseSection,
  renderChangelogSection,
} from '../../release/plan/changelog/changelog.ts';
import {
  CONVENTIONAL_PREAMBLE,
  KEEP_A_CHANGELOG_PREAMBLE,
} from '../../release/plan/changelog/changelog-file.ts';
import { groupItems, type Item } from '../../release/plan/changelog/sections.ts';
import { type ParsedMessage, parseMessage } from '../../release/plan/commits/commit.ts';
import { findCancelled } from '../../release/plan/commits/reverts.ts';
import { compileRules } from '../../release/plan/commits/type-rules.ts';
import type { History } from '../../release/plan/history.ts';
import { makeLinks } from '../../release/plan/links/links.ts';
import type { Plan, PlanOptions } from '../../release/plan/plan-release.ts';

/** What is kept of a commit until its release is rendered. */
interface Digest {
  sha: string;
  subject: string;
  reverted: ParsedMessage['reverted'];
  pullRequest: number | null;
  parentShas?: string[];
  /** What it adds to the changelog. */
  items: Item[];
}

const NO_ITEMS: Item[] = [];

/** Reads the whole history; messages are read while git still works, and only what will be shown is kept of them. */
export function readWholeHistory(
  source: { opened: OpenedRepository; matched: MatchedTags; scope: Scope },
  options: Pick<PlanOptions, 'rules' | 'git'> = {},
): Promise<AllHistory<Digest> & { work: RecentWork }> {
  const { rules } = compileRules(options.rules ?? []);
  return readReleases<Digest>(source, ({ sha, message, parents, parentShas }) => {
    const { subject, reverted, kind, changes, pullRequest } = parseMessage(message, {
      merge: parents > 1,
      rules,
      git: options.git,
    });
    const items: Item[] = [];
    if (kind !== 'release' && kind !== 'fixup') {
      for (const change of changes) {
        if (change.section !== 'hidden' || change.dependencies.length > 0)
          items.push(kind === 'merge' ? { ...change, sha, merge: true } : { ...change, sha });
      }
    }
    const kept = { sha, subject, reverted, pullRequest, items: items.length === 0 ? NO_ITEMS : items };
    return parentShas === undefined ? kept : { ...kept, parentShas };
  });
}

/** The changelog of everything up to the plan's head, newest release first; the planned one on top. */
export function renderWholeChangelog(
  { releases }: AllHistory<Digest>,
  history: History,
  plan: Plan,
  options: PlanOptions,
): string {
  const format = options.format ?? 'keep-a-changelog';
  const style = {
    format,
    includePullRequests: options.includePullRequests ?? true,
    breakingSection: options.breakingSection ?? true,
  };
  const links = makeLinks(options.repositoryUrl ?? history.repositoryUrl, options.links);
  const keep = format === 'keep-a-changelog';
  const parts = [keep ? KEEP_A_CHANGELOG_PREAMBLE : CONVENTIONAL_PREAMBLE];
  const foot: string[] = [];
  if (plan.changelog !== '') {
    parts.push(plan.changelog);
    if (plan.compareUrl !== null) foot.push(`[${plan.next}]: ${plan.compareUrl}`);
  }
  releases.forEach((past, index) => {
    const release: ReleaseSection = {
      version: past.version,
      tag: past.tag,
      previousTag: releases[index + 1]?.tag ?? null,
      date: past.date.slice(0, 10),
      sections: groupItems(countedItems(past.commits)),
    };
    parts.push(renderChangelogSection(release, style, links));
    const address = compareLink(release, links);
    if (address !== null) foot.push(`[${past.version}]: ${address}`);
  });
  const latest = plan.nextTag ?? releases[0]?.tag;
  const unreleased = latest === undefined ? null : links.compare(latest, 'HEAD');
  if (keep && unreleased !== null) foot.unshift(`[Unreleased]: ${unreleased}`);
  return parts.join('\n') + (keep && foot.length > 0 ? `\n${foot.join('\n')}\n` : '');
}

function countedItems(commits: readonly Digest[]): Item[] {
  const cancelled = findCancelled(commits);
  const items: Item[] = [];
  commits.forEach((commit, index) => {
    if (!cancelled.has(index)) items.push(...commit.items);
  });
  return items;
}
