/** `windlass plan --all`: the whole history's changelog, read in one pass and rendered release by release. */
import { readReleases } from '../integrations/git/history-all.ts';
import { compareLink, type ReleaseSection, renderChangelogSection } from '../release/plan/changelog.ts';
import { CONVENTIONAL_PREAMBLE, KEEP_A_CHANGELOG_PREAMBLE } from '../release/plan/changelog-file.ts';
import { type CompiledRule, compileRules, parseMessage } from '../release/plan/commit.ts';
import type { History } from '../release/plan/history.ts';
import { makeLinks } from '../release/plan/links.ts';
import type { Plan, PlanOptions } from '../release/plan/plan-release.ts';
import { findCancelled } from '../release/plan/reverts.ts';
import { groupItems, type Item } from '../release/plan/sections.ts';

/** What is kept of a commit until its release is rendered; reading it then keeps memory low. */
interface Digest {
  sha: string;
  message: string;
  merge: boolean;
}

/** The changelog of everything up to the plan's head, newest release first; the planned one on top. */
export async function renderWholeChangelog(
  history: History,
  plan: Plan,
  options: PlanOptions,
  source: { repository: string; path: string; names: readonly string[] },
): Promise<string> {
  const format = options.format ?? 'keep-a-changelog';
  const style = {
    format,
    includePullRequests: options.includePullRequests ?? true,
    breakingSection: options.breakingSection ?? true,
  };
  const links = makeLinks(history.repositoryUrl);
  const { rules } = compileRules(options.rules ?? []);
  const { releases } = await readReleases<Digest>(
    { ...source, head: history.head, tagFormat: history.tagFormat },
    ({ sha, message, parents }) => ({ sha, message, merge: parents > 1 }),
  );
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
      sections: groupItems(countedItems(past.commits, rules)),
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

function countedItems(commits: readonly Digest[], rules: CompiledRule[]): Item[] {
  const all = commits.map(({ sha, message, merge }) => ({
    sha,
    parsed: parseMessage(message, { merge, rules }),
  }));
  const cancelled = findCancelled(
    all.map(({ sha, parsed }) => ({ sha, subject: parsed.subject, reverted: parsed.reverted })),
  );
  return all.flatMap(({ sha, parsed }, index) =>
    cancelled.has(index) || parsed.kind === 'release' || parsed.kind === 'fixup'
      ? []
      : parsed.changes.map((change) => ({ ...change, sha })),
  );
}
