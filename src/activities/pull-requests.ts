import type {
  HostedRepository,
  PullRequestCache,
  PullRequestFacts,
  RangePullRequests,
} from '../providers/host/host.ts';
import { readEntry, writeEntry } from '../providers/store/entries.ts';
import type { Store } from '../providers/store/store.ts';
import type { History } from '../release/plan/history.ts';
import type { ProductSettings } from '../release/settings.ts';

/**
 * What the host said of each commit's pull request, kept in the store: the `release` role, which has the token, looks
 * up; the `writer`, which has none, reads. A merged commit's pull request never changes.
 */
export function openPullRequestCache(store: Store, product: string): PullRequestCache {
  const nameOf = (sha: string) => `pulls/${product}/${sha}.json`;
  return {
    get: (sha) => readEntry(store, nameOf(sha)),
    set: (sha, facts) => writeEntry(store, nameOf(sha), facts),
  };
}

/** Whether anything of the plan depends on what only the host knows. */
export function needsPullRequests(product: ProductSettings): boolean {
  const { pullRequestDetails, rules } = product.changelog;
  return product.host !== undefined && (pullRequestDetails || rules.some(({ label }) => label !== undefined));
}

/** Looks up the pull requests of a range's commits; only those that are not known yet cost a request. */
export async function lookUpPullRequests(
  host: Pick<HostedRepository, 'listPullRequests'>,
  cache: PullRequestCache,
  history: History,
): Promise<RangePullRequests> {
  const commits = history.commits.map(({ sha, message }) => ({ sha, subject: message.split('\n')[0] ?? '' }));
  return await host.listPullRequests({ commits, cache });
}

/**
 * The history with what is known of its commits' pull requests: the labels, which the planner's rules can name, and
 * where the product asks for details, number and author for the notes.
 */
export async function addPullRequests(
  cache: PullRequestCache,
  product: ProductSettings,
  history: History,
): Promise<History> {
  const commits = await Promise.all(
    history.commits.map(async (commit) => {
      const facts = await cache.get(commit.sha);
      if (!facts) return commit;
      const pullRequest = { number: facts.number, ...(isPerson(facts) ? { author: facts.author } : {}) };
      const { labels } = facts;
      return { ...commit, labels, ...(product.changelog.pullRequestDetails ? { pullRequest } : {}) };
    }),
  );
  return { ...history, commits };
}

/** A login that cannot be anything else in Markdown, whatever the host allows: it goes into a document. */
function isPerson({ author, authorIsBot }: PullRequestFacts): boolean {
  return !authorIsBot && /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,98}[A-Za-z0-9])?$/.test(author);
}
