import type { GitHubConnection } from '../../providers/host/github/connection.ts';
import { openGitHub } from '../../providers/host/github/connection.ts';
import { readLogin } from '../../providers/host/github/repository.ts';
import type { GitHubSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { takeSecret } from '../deps.ts';

/** This worker's connection to the product's host. */
export function connectGitHub(deps: ActivityDeps, settings: GitHubSettings): GitHubConnection {
  const { apiUrl, token, owner, repo } = settings;
  return openGitHub({ apiUrl, token: takeSecret(deps, token), owner, repo, signal: deps.signal() });
}

/** As whom we write: a marker that somebody else planted does not count. Unknown for a token of an app. */
export async function readAuthor(github: GitHubConnection): Promise<{ author?: string }> {
  const author = await readLogin(github);
  return author === undefined ? {} : { author };
}
