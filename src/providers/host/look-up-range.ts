import { HostFailure } from './failure.ts';
import type { CommitRange, PullRequestFacts, RangePullRequests } from './host.ts';

/** How many look-ups run at once. */
const AT_ONCE = 10;

/**
 * The merged pull requests of a range, by one `lookUp` a commit, and only the range's commits. A rate limit ends the
 * look-ups, not the release: the answer says that it is incomplete.
 * @throws HostFailure for what a person must mend (token, right, repository)
 */
export async function lookUpRange(
  range: CommitRange,
  lookUp: (commit: { sha: string; subject: string }) => Promise<PullRequestFacts | undefined>,
): Promise<RangePullRequests> {
  const byNumber = new Map<number, PullRequestFacts>();
  const direct: string[] = [];
  const queue = [...range.commits.entries()];
  const found: (PullRequestFacts | undefined)[] = [];
  let incomplete: string | undefined;
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next && incomplete === undefined; next = queue.shift()) {
      const [index, commit] = next;
      try {
        const cached = await range.cache?.get(commit.sha);
        const facts = cached ?? (await lookUp(commit));
        if (facts && !cached) await range.cache?.set(commit.sha, facts);
        found[index] = facts;
        if (!facts) direct.push(commit.sha);
      } catch (error) {
        if (!(error instanceof HostFailure) || !error.retryable) throw error;
        incomplete = error.message;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  for (const [index, facts] of found.entries()) {
    const sha = range.commits[index]?.sha;
    if (!facts || sha === undefined) continue;
    const known = byNumber.get(facts.number) ?? { ...facts, commits: [] };
    known.commits.push(sha);
    byNumber.set(facts.number, known);
  }
  const order = new Map(range.commits.map(({ sha }, index) => [sha, index]));
  return {
    pullRequests: [...byNumber.values()].sort((a, b) => a.number - b.number),
    direct: direct.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}
