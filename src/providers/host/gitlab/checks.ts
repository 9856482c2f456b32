import type { ChecksOfCommit, FailingCheck } from '../host.ts';
import { summariseChecks } from '../summarise-checks.ts';
import { type GitLabConnection, readGitLab } from './connection.ts';

const PASSED = new Set(['success', 'skipped']);
const FAILED = new Set(['failed', 'canceled', 'canceling']);

/**
 * What pipelines and outside programs say of a commit: the newest status of each job, and each ref's newest pipeline
 * where none of its jobs tells (as when its file has a mistake). What may fail does not count.
 * @throws GitLabFailure
 */
export async function readChecks(connection: GitLabConnection, sha: string): Promise<ChecksOfCommit> {
  const doing = `read the pipelines of ${sha.slice(0, 10)}`;
  const statuses = await readGitLab(connection, doing, (api, project) =>
    api.commits.allStatuses(project, sha, { perPage: 100 } as object),
  );
  const pipelines = await readGitLab(connection, doing, (api, project) =>
    api.pipelines.all(project, { sha, perPage: 100 }),
  );
  const failing: FailingCheck[] = [];
  const pending: string[] = [];
  const jobs = newest(statuses, ({ name, ref }) => `${ref} ${name}`);
  for (const { name, status, allow_failure, target_url } of jobs) {
    const word = String(status);
    if (PASSED.has(word) || allow_failure) continue;
    const url = target_url ? { url: target_url } : {};
    if (FAILED.has(word)) failing.push({ name, conclusion: word, ...url });
    else pending.push(name);
  }
  const told = failing.length + pending.length > 0;
  const runs = newest(pipelines, ({ ref }) => ref);
  for (const { id, status, web_url } of told ? [] : runs) {
    const name = `pipeline ${id}`;
    if (PASSED.has(status)) continue;
    if (FAILED.has(status)) failing.push({ name, conclusion: status, url: web_url });
    else pending.push(name);
  }
  return summariseChecks(failing, pending, jobs.length + runs.length);
}

/** Of those with the same name the one that came last; GitLab counts its ids up. */
function newest<T extends { id: number }>(all: readonly T[], nameOf: (one: T) => string): T[] {
  const byName = new Map<string, T>();
  for (const one of all) {
    const known = byName.get(nameOf(one));
    if (known === undefined || known.id < one.id) byName.set(nameOf(one), one);
  }
  return [...byName.values()].sort((a, b) => a.id - b.id);
}
