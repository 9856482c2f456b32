import type { ChecksOfCommit, FailingCheck } from '../host.ts';
import { summariseChecks } from '../summarise-checks.ts';
import { type GitHubConnection, readGitHub } from './connection.ts';

// `skipped` and `neutral` are answers that GitHub itself lets pass in required checks.
const PASSING = new Set(['success', 'skipped', 'neutral']);

/**
 * Reads every check run and every commit status of a commit (all pages, the latest of each name).
 * @throws GitHubFailure
 */
export async function readChecks(connection: GitHubConnection, sha: string): Promise<ChecksOfCommit> {
  const doing = `read the checks of ${sha.slice(0, 10)}`;
  const page = { ref: sha, per_page: 100 };
  const runs = await readGitHub(connection, doing, (octokit, target) =>
    octokit.paginate(octokit.rest.checks.listForRef, { ...target, ...page, filter: 'latest' }),
  );
  const statuses = await readGitHub(connection, doing, (octokit, target) =>
    octokit.paginate(octokit.rest.repos.listCommitStatusesForRef, { ...target, ...page }),
  );
  const failing: FailingCheck[] = [];
  const pending: string[] = [];
  const note = (name: string, conclusion: string | null, url: string | null): void => {
    if (conclusion === null || conclusion === 'pending') pending.push(name);
    else if (!PASSING.has(conclusion)) failing.push({ name, conclusion, ...(url ? { url } : {}) });
  };
  for (const run of runs) note(run.name, run.status === 'completed' ? run.conclusion : null, run.html_url);
  // GitHub lists statuses newest first; only the newest of each context counts.
  const seen = new Set<string>();
  for (const status of statuses) {
    if (seen.has(status.context)) continue;
    seen.add(status.context);
    note(status.context, status.state, status.target_url);
  }
  return summariseChecks(failing, pending, runs.length + seen.size);
}
