import { type GitHubConnection, readGitHub } from './connection.ts';
import { GitHubFailure } from './failure.ts';

/** What the token sees of the repository. */
export interface RepositoryFacts {
  fullName: string;
  defaultBranch: string;
  private: boolean;
  canPush: boolean;
}

/**
 * Checks that the repository is there, under this very name, and may be written to by this token.
 * @throws GitHubFailure also when it moved, is archived, or cannot be pushed to
 */
export async function checkRepository(connection: GitHubConnection): Promise<RepositoryFacts> {
  const { data } = await readGitHub(connection, 'read the repository', (octokit, target) =>
    octokit.rest.repos.get(target),
  );
  const asked = `${connection.owner}/${connection.repo}`;
  const refuse = (happened: string, advice: string): GitHubFailure =>
    new GitHubFailure({ happened, outcome: 'unchanged', retryable: false, advice });
  if (data.full_name.toLowerCase() !== asked.toLowerCase()) {
    throw refuse(`${asked} moved to ${data.full_name}.`, 'Correct `github.owner` and `github.repo`.');
  }
  if (data.archived) throw refuse(`${asked} is archived.`, 'Unarchive it before releasing from it.');
  const canPush = data.permissions?.push === true;
  return { fullName: data.full_name, defaultBranch: data.default_branch, private: data.private, canPush };
}

/**
 * The login that the token writes as, by which marked issues are told from planted ones; undefined where the
 * token is an app's, which GitHub does not tell this way.
 * @throws GitHubFailure
 */
export async function readLogin(connection: GitHubConnection): Promise<string | undefined> {
  try {
    const { data } = await readGitHub(connection, 'ask who the token belongs to', (octokit) =>
      octokit.rest.users.getAuthenticated(),
    );
    return data.login;
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 403 && !error.retryable) return undefined;
    throw error;
  }
}
