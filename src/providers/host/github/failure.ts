import type { FailureFacts } from '../../../integrations/failure.ts';
import { cleanText, describeHostFailure, type HostAttempt, readLostLine } from '../describe-failure.ts';
import { HostFailure } from '../failure.ts';

/** What went wrong at GitHub. */
export class GitHubFailure extends HostFailure {
  override readonly name = 'GitHubFailure';

  constructor(facts: FailureFacts) {
    super(facts, 'GitHub');
  }
}

interface RequestErrorLike {
  status?: unknown;
  message?: string;
  response?: { headers: Record<string, string | undefined>; data?: unknown };
}

/** Turns whatever Octokit threw into a `GitHubFailure` that says which side has to act. */
export function describeGitHubFailure(error: unknown, attempt: HostAttempt): GitHubFailure {
  if (error instanceof GitHubFailure) return error;
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as RequestErrorLike;
  const host = { title: 'GitHub', section: 'github' };
  // Octokit gives lost lines the status 500, but no response.
  if (!thrown.response) return new GitHubFailure(describeHostFailure(host, attempt, readLostLine(error)));
  const status = Number(thrown.status);
  const { headers } = thrown.response;
  // Octokit appends the address of the documentation.
  const said = (thrown.message ?? '').replace(/ - https:\/\/docs\.\S+/, '');
  const limitedForMs = readLimit(status, headers, said);
  const advice = adviceFor(status, headers);
  return new GitHubFailure(describeHostFailure(host, attempt, { status, said, limitedForMs, advice }));
}

/** How long to wait, in milliseconds, if an answer means a rate limit; undefined if it does not. */
function readLimit(
  status: number,
  headers: Record<string, string | undefined>,
  said: string,
): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const after = headers['retry-after'];
  if (after && /^\d{1,6}$/.test(String(after))) return Number(after) * 1000;
  if (String(headers['x-ratelimit-remaining']) === '0') {
    const resetMs = Number(headers['x-ratelimit-reset']) * 1000;
    return Number.isFinite(resetMs) ? Math.max(1000, resetMs - Date.now()) : 60_000;
  }
  return status === 429 || /secondary rate limit/i.test(said) ? 60_000 : undefined;
}

/** What only GitHub's people can do; else the advice is every host's. */
function adviceFor(status: number, headers: Record<string, string | undefined>): string | undefined {
  if (status === 403 && headers['x-github-sso']) {
    return 'The organisation demands single sign-on for this token: authorise it in the token’s settings.';
  }
  const needed = cleanText(headers['x-accepted-github-permissions'] ?? '', '');
  if (status === 403 && needed) return `The token has no right to do this: it needs ${needed}.`;
  if (status >= 500) return 'GitHub has a problem of its own (see githubstatus.com); retry in a while.';
  return undefined;
}
