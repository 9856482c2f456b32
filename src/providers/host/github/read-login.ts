import { type GitHubConnection, readGitHub } from './connection.ts';
import { GitHubFailure } from './failure.ts';

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
