import type { FailureFacts } from '../../../integrations/failure.ts';
import { HostFailure } from '../failure.ts';

/** What went wrong at GitHub. */
export class GitHubFailure extends HostFailure {
  override readonly name = 'GitHubFailure';

  constructor(facts: FailureFacts) {
    super(facts, 'GitHub');
  }
}

/** What was being attempted. */
export interface GitHubAttempt {
  /** As in "could not {doing}". */
  doing: string;
  /** `owner/repo`. */
  where: string;
  writes: boolean;
  token: string;
}

interface RequestErrorLike {
  status?: unknown;
  name?: string;
  message?: string;
  cause?: { code?: unknown; cause?: { code?: unknown } };
  response?: { headers: Record<string, string | undefined>; data?: unknown };
}

// Before a connection stands, no byte of the request can have arrived; the last three are refused certificates.
const NEVER_REACHED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT|SELF_SIGNED|UNABLE_TO_/;

/** Turns whatever Octokit threw into a `GitHubFailure` that says which side has to act. */
export function describeGitHubFailure(error: unknown, attempt: GitHubAttempt): GitHubFailure {
  if (error instanceof GitHubFailure) return error;
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as RequestErrorLike;
  const where = `Could not ${attempt.doing} (${attempt.where})`;
  const unknownIfWriting = attempt.writes ? 'unknown' : 'unchanged';
  const said = cleanText(thrown.message ?? '', attempt.token);

  // Octokit gives lost lines the status 500, but no response.
  if (!thrown.response) {
    // A DOMException's code is a number that says nothing to anybody.
    const code = [thrown.cause?.code, thrown.cause?.cause?.code].find((one) => typeof one === 'string') ?? '';
    const reached = !NEVER_REACHED.test(`${code} ${said}`);
    return new GitHubFailure({
      happened: `${where}: GitHub ${reached ? 'gave no complete answer' : 'cannot be reached'} (${code || said || thrown.name}).`,
      outcome: reached ? unknownIfWriting : 'unchanged',
      retryable: true,
      advice: adviseConnection(code, 'Check the network and `github.api_url`, then retry.'),
    });
  }
  const status = Number(thrown.status);
  const { headers } = thrown.response;
  const answered = `${where}: GitHub answered ${status} (${said}).`;
  const limitedFor = readLimit(status, headers, said);
  if (limitedFor !== undefined) {
    return new GitHubFailure({
      happened: answered,
      outcome: 'unchanged',
      retryable: true,
      advice: `The rate limit is used up; it is tried again in ${Math.ceil(limitedFor / 1000)} s.`,
      status,
      retryAfterMs: limitedFor,
    });
  }
  return new GitHubFailure({
    happened: answered,
    // A 5xx may come after the work was done.
    outcome: status >= 500 ? unknownIfWriting : 'unchanged',
    retryable: status >= 500 || status === 409,
    advice: adviceFor(status, headers, attempt.where),
    status,
  });
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

function adviceFor(status: number, headers: Record<string, string | undefined>, where: string): string {
  if (status === 401)
    return 'The token is missing, wrong or expired: put a valid one into the worker’s configuration.';
  if (status === 403 && headers['x-github-sso']) {
    return 'The organisation demands single sign-on for this token: authorise it in the token’s settings.';
  }
  if (status === 403) {
    const needed = cleanText(headers['x-accepted-github-permissions'] ?? '', '');
    return `The token has no right to do this${needed ? `: it needs ${needed}` : ': give it the permission that is missing'}.`;
  }
  if (status === 404) return `There is no such thing, or ${where} moved, or the token may not see it.`;
  if (status === 410) return 'It was deleted or is switched off in the repository’s settings.';
  if (status === 409) return 'Somebody changed it at the same time: read again, then retry.';
  if (status === 422) return 'Correct what GitHub names.';
  if (status >= 500) return 'GitHub has a problem of its own (see githubstatus.com); retry in a while.';
  return 'Read what GitHub says, mend it, then retry.';
}

/** A text of the outside world, fit for a message: one line, short, the token masked. */
function cleanText(text: string, token: string): string {
  const masked = token ? text.replaceAll(token, '***') : text;
  // Octokit appends the address of the documentation.
  return masked
    .replace(/ - https:\/\/docs\.\S+/, '')
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .slice(0, 300);
}

/** A certificate is refused for a wrong clock as often as for a missing issuer. */
function adviseConnection(code: string, otherwise: string): string {
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code)
    ? 'The server’s certificate is not accepted: check this machine’s clock and its trusted issuers (NODE_EXTRA_CA_CERTS).'
    : otherwise;
}
