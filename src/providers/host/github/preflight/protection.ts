import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import { type GitHubConnection, readGitHub } from '../connection.ts';
import { GitHubFailure } from '../failure.ts';
import { readLogin } from '../read-login.ts';

/**
 * Whether classic branch protection would refuse the merge commit that is pushed to main. Only administrators may read
 * it; for others it is said that the branch is protected.
 * @throws GitHubFailure
 */
export async function lookAtProtection(
  connection: GitHubConnection,
  branch: string,
  { isAdmin, byRequest }: { isAdmin: boolean; byRequest: boolean },
): Promise<PreflightFinding[]> {
  const subject = `GitHub protection of ${branch}`;
  const protection = await readProtection(connection, branch);
  if (protection === undefined) return [];
  if (protection === 'unreadable') {
    return [
      {
        subject,
        state: 'warning',
        found: 'it is protected, and this token may not read how',
        advice:
          'see that its account may push there without a pull request, or say `release.merge: pull_request`',
      },
    ];
  }
  const login = (await readLogin(connection)) ?? '';
  const demands = listDemands(protection, login);
  if (demands.length === 0) return [{ subject, state: 'ok', found: 'it lets this token push' }];
  const found = `it demands: ${demands.join(', ')}`;
  if (isAdmin && protection.enforce_admins?.enabled !== true) {
    return [{ subject, state: 'ok', found: `${found}; this token's account is an administrator` }];
  }
  if (byRequest && demands.every((demand) => BY_REQUEST.includes(demand))) {
    return [{ subject, state: 'ok', found: `${found}; the release goes in by a pull request` }];
  }
  return [{ subject, state: 'problem', found, advice: 'let its account push there past these rules' }];
}

/**
 * What classic protection demands of this token that a pull request has; undefined where it may push.
 * @throws GitHubFailure
 */
export async function demandOfProtection(
  connection: GitHubConnection,
  branch: string,
): Promise<string | undefined> {
  const protection = await readProtection(connection, branch);
  if (protection === undefined || protection === 'unreadable') return undefined;
  const demands = listDemands(protection, (await readLogin(connection)) ?? '');
  if (!demands.some((demand) => BY_REQUEST.includes(demand))) return undefined;
  if (protection.enforce_admins?.enabled !== true && (await isAdministrator(connection))) return undefined;
  return `its protection demands ${demands.join(', ')}`;
}

/** Demands that a pull request meets, in the words of {@link listDemands}. */
const BY_REQUEST = ['a pull request', 'status checks'];

async function isAdministrator(connection: GitHubConnection): Promise<boolean> {
  const { data } = await readGitHub(connection, 'read the repository', (octokit, target) =>
    octokit.rest.repos.get(target),
  );
  return data.permissions?.admin === true;
}

interface Protection {
  enforce_admins?: { enabled: boolean };
  required_pull_request_reviews?: { bypass_pull_request_allowances?: { users?: { login: string }[] } };
  required_status_checks?: object;
  required_linear_history?: { enabled?: boolean };
  required_signatures?: { enabled: boolean };
  /** GitHub leaves it out where there are none; others say null. */
  restrictions?: { users: { login?: string }[]; teams: unknown[]; apps: unknown[] } | null;
}

/** What a merge commit that is pushed directly cannot keep. */
function listDemands(protection: Protection, login: string): string[] {
  const { required_pull_request_reviews: reviews, restrictions } = protection;
  const mayBypass = reviews?.bypass_pull_request_allowances?.users?.some((user) => user.login === login);
  const mayPush =
    !restrictions ||
    restrictions.users.some((user) => user.login === login) ||
    restrictions.teams.length + restrictions.apps.length > 0;
  return [
    ...(reviews && !mayBypass ? ['a pull request'] : []),
    ...(mayPush ? [] : ['to be one of those who may push']),
    ...(protection.required_status_checks ? ['status checks'] : []),
    ...(protection.required_linear_history?.enabled ? ['a linear history'] : []),
    ...(protection.required_signatures?.enabled ? ['signed commits'] : []),
  ];
}

/** Undefined where the branch has none, or rules of another kind only. */
async function readProtection(
  connection: GitHubConnection,
  branch: string,
): Promise<Protection | 'unreadable' | undefined> {
  const { data: found } = await readGitHub(connection, `read the branch ${branch}`, (octokit, target) =>
    octokit.rest.repos.getBranch({ ...target, branch }),
  );
  if (!found.protected) return undefined;
  try {
    const { data } = await readGitHub(connection, `read the protection of ${branch}`, (octokit, target) =>
      octokit.rest.repos.getBranchProtection({ ...target, branch }),
    );
    return data as Protection;
  } catch (error) {
    if (!(error instanceof GitHubFailure) || error.retryable) throw error;
    if (error.status === 404) return undefined;
    if (error.status === 403) return 'unreadable';
    throw error;
  }
}
