import { unlessForbidden } from '../failure.ts';
import { type GitHubConnection, readGitHub } from './connection.ts';

/**
 * The login that the token writes as, by which marked issues are told from planted ones; undefined where the
 * token is an app's, which GitHub does not tell this way.
 * @throws GitHubFailure
 */
export async function readLogin(connection: GitHubConnection): Promise<string | undefined> {
  const user = await unlessForbidden(
    readGitHub(connection, 'ask who the token belongs to', (octokit) =>
      octokit.rest.users.getAuthenticated(),
    ),
  );
  return user?.data.login;
}
