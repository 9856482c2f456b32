import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import type { HostPreflight, PushedNames } from '../../host.ts';
import { type GitHubConnection, readGitHub } from '../connection.ts';
import { findDemand } from '../merging.ts';
import { lookAtProtection } from './protection.ts';
import { lookAtRules } from './rules.ts';

/** Scopes of a classic token that let it write to a repository; the second only to a public one. */
const WRITING_SCOPES = ['repo', 'public_repo'];

/**
 * What GitHub would refuse later, as far as it tells beforehand: rights and scopes of the token, archived or moved
 * repositories, rulesets and branch protection. Rights of a fine-grained token beyond pushing are not told.
 * @throws GitHubFailure where the repository cannot be read at all
 */
export async function preflightGitHub(
  connection: GitHubConnection,
  names: PushedNames,
): Promise<HostPreflight> {
  const { data, headers } = await readGitHub(connection, 'read the repository', (octokit, target) =>
    octokit.rest.repos.get(target),
  );
  const asked = `${connection.owner}/${connection.repo}`;
  const findings: PreflightFinding[] = [
    lookAtRepository(asked, data),
    lookAtScopes(readHeader(headers, 'x-oauth-scopes'), data.private),
    ...(await lookAtRules(connection, names)),
    ...(await lookAtProtection(connection, names.main, {
      isAdmin: data.permissions?.admin === true,
      byRequest: names.byRequest === true,
    })),
  ];
  if (names.byRequest && data.allow_merge_commit === false && (await findDemand(connection, names.main))) {
    findings.push({
      subject: `GitHub repository ${asked}`,
      state: 'problem',
      found: `${names.main} takes pull requests only, and merge commits are switched off`,
      advice:
        'switch on "Allow merge commits" in its settings: a tag stands on the release commit, which a squash or a rebase would leave out',
    });
  }
  const ends = Date.parse(readHeader(headers, 'github-authentication-token-expiration') ?? '');
  return { findings, ...(Number.isNaN(ends) ? {} : { tokenEnds: new Date(ends) }) };
}

interface Repository {
  full_name: string;
  archived: boolean;
  permissions?: { push: boolean };
}

function lookAtRepository(asked: string, data: Repository): PreflightFinding {
  const subject = `GitHub repository ${asked}`;
  const problem = (found: string, advice: string) => ({ subject, state: 'problem' as const, found, advice });
  if (data.full_name.toLowerCase() !== asked.toLowerCase()) {
    return problem(`moved to ${data.full_name}`, 'correct github.owner and github.repo');
  }
  if (data.archived) return problem('is archived', 'unarchive it, or take the product out of windlass.yaml');
  if (data.permissions?.push === false) {
    return problem('the token may read it and not write', 'give its account (or the app) the right to write');
  }
  return { subject, state: 'ok', found: 'the token may write to it' };
}

/** Classic tokens name their scopes with every answer; others are told by what they may do. */
function lookAtScopes(header: string | undefined, isPrivate: boolean): PreflightFinding {
  const subject = 'scopes of the GitHub token';
  if (header === undefined)
    return { subject, state: 'ok', found: 'it is not a classic token, so it has none' };
  const scopes = header.split(',').map((scope) => scope.trim());
  const enough = WRITING_SCOPES.slice(0, isPrivate ? 1 : 2).some((scope) => scopes.includes(scope));
  const found = `it has ${scopes.filter(Boolean).join(', ') || 'none'}`;
  if (enough) return { subject, state: 'ok', found };
  const advice = `make one with the scope ${isPrivate ? 'repo' : 'public_repo'}`;
  return { subject, state: 'problem', found, advice };
}

function readHeader(headers: object, name: string): string | undefined {
  const value = (headers as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}
