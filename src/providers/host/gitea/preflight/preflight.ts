import type { z } from 'zod';
import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import type { HostPreflight, PushedNames } from '../../host.ts';
import { type GiteaConnection, readGitea } from '../connection.ts';
import { readLogin } from '../issues.ts';
import * as shapes from '../shapes.ts';
import { lookAtProtection } from './protection.ts';

/**
 * What Gitea would refuse later, as far as it tells beforehand: rights of the account, archived, mirrored or moved
 * repositories, protected branches and tags, what is switched off. Scopes and end of a token it does not tell: a scope
 * that lacks is refused by the question itself, and tokens do not end.
 * @throws GiteaFailure where the repository cannot be read at all
 */
export async function preflightGitea(
  connection: GiteaConnection,
  names: PushedNames,
): Promise<HostPreflight> {
  const doing = 'read the repository';
  const repository = await readGitea(connection, doing, { path: '{repo}' }, shapes.repository);
  const login = await readLogin(connection);
  return {
    findings: [
      ...lookAtRepository(connection.project, repository),
      ...(await lookAtProtection(connection, names, { login, repository })),
    ],
  };
}

function lookAtRepository(asked: string, data: z.infer<typeof shapes.repository>): PreflightFinding[] {
  const subject = `Gitea repository ${asked}`;
  const problem = (found: string, advice: string) => ({ subject, state: 'problem' as const, found, advice });
  if (data.full_name.toLowerCase() !== asked.toLowerCase())
    return [problem(`moved to ${data.full_name}`, 'correct gitea.owner and gitea.repo')];
  if (data.archived)
    return [problem('is archived', 'unarchive it, or take the product out of windlass.yaml')];
  if (data.mirror)
    return [problem('is a mirror, which takes no push', 'name the repository that it is a mirror of')];
  const pages =
    data.has_releases === false
      ? [problem('its releases are switched off', 'switch on "Releases" in its settings')]
      : [];
  if (data.permissions?.push === false)
    return [problem('the token may read it and not write', 'give its account the right to write'), ...pages];
  return [{ subject, state: 'ok', found: "the token's account may write to it" }, ...pages];
}
