import type { ChecksOfCommit, FailingCheck } from '../host.ts';
import { summariseChecks } from '../summarise-checks.ts';
import { type GiteaConnection, listGitea } from './connection.ts';
import { combinedStatus } from './shapes.ts';

const PASSED = new Set(['success', 'skipped']);

/**
 * The newest status of each context of a commit; Gitea's own Actions report so as well. A `warning` fails, as it does
 * where Gitea protects a branch.
 * @throws GiteaFailure
 */
export async function readChecks(connection: GiteaConnection, sha: string): Promise<ChecksOfCommit> {
  const statuses = await listGitea(
    connection,
    `read the statuses of ${sha.slice(0, 10)}`,
    { path: `{repo}/commits/${encodeURIComponent(sha)}/status` },
    combinedStatus.transform((combined) => combined.statuses),
  );
  const failing: FailingCheck[] = [];
  const pending: string[] = [];
  for (const { context, status, target_url } of statuses) {
    if (PASSED.has(status)) continue;
    if (status === 'pending') pending.push(context);
    else failing.push({ name: context, conclusion: status, ...(target_url ? { url: target_url } : {}) });
  }
  return summariseChecks(failing, pending, statuses.length);
}
