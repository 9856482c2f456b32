import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import { type GitLabConnection, readGitLab } from '../connection.ts';
import { GitLabFailure } from '../failure.ts';

interface OwnToken {
  scopes?: string[];
  /** A day, at whose beginning (UTC) it ends. */
  expires_at?: string | null;
  active?: boolean;
}

/**
 * What a personal, project or group access token says of itself; a job's token or one of OAuth says nothing.
 * @throws GitLabFailure
 */
export async function lookAtToken(
  connection: GitLabConnection,
): Promise<{ finding: PreflightFinding; ends?: Date }> {
  const subject = 'scopes of the GitLab token';
  const own = await readOwn(connection);
  if (own?.scopes === undefined) {
    const found = 'it is no access token that tells its scopes';
    const advice =
      'use a project or personal access token with the scope api, or see that this one may write';
    return { finding: { subject, state: 'warning', found, advice } };
  }
  const found = `it has ${own.scopes.join(', ') || 'none'}`;
  const finding: PreflightFinding = own.scopes.includes('api')
    ? { subject, state: 'ok', found }
    : { subject, state: 'problem', found, advice: 'make one with the scope api' };
  const ends = Date.parse(own.expires_at ?? '');
  return { finding, ...(Number.isNaN(ends) ? {} : { ends: new Date(ends) }) };
}

/** Undefined where GitLab refuses the question to a token that it has answered before: then it is none of these. */
async function readOwn(connection: GitLabConnection): Promise<OwnToken | undefined> {
  try {
    return await readGitLab(connection, 'ask what the token may do', (api) =>
      api.personalAccessTokens.show({ tokenId: 'self' }),
    );
  } catch (error) {
    const { status = 0, retryable = true } = error instanceof GitLabFailure ? error : {};
    if (!retryable && [400, 401, 403, 404].includes(status)) return undefined;
    throw error;
  }
}
