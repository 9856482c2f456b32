import { type FailureFacts, wasNeverReached } from '../../../integrations/failure.ts';
import { HostFailure } from '../failure.ts';

/** What went wrong at GitLab. */
export class GitLabFailure extends HostFailure {
  override readonly name = 'GitLabFailure';

  constructor(facts: FailureFacts) {
    super(facts, 'GitLab');
  }
}

/** An answer that is no success, as the transport throws it. */
export class RefusingAnswer extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(status: number, headers: Headers, said: string) {
    super(said);
    this.status = status;
    this.headers = headers;
  }
}

/** What was being attempted. */
export interface GitLabAttempt {
  /** As in "could not {doing}". */
  doing: string;
  /** The project's path. */
  where: string;
  writes: boolean;
  token: string;
}

/** Turns whatever the transport threw into a `GitLabFailure` that says which side has to act. */
export function describeGitLabFailure(error: unknown, attempt: GitLabAttempt): GitLabFailure {
  if (error instanceof GitLabFailure) return error;
  const where = `Could not ${attempt.doing} (${attempt.where})`;
  const unknownIfWriting = attempt.writes ? 'unknown' : 'unchanged';
  if (!(error instanceof RefusingAnswer)) return describeLostLine(error, attempt, where);
  const { status, headers } = error;
  const answered = `${where}: GitLab answered ${status} (${cleanText(error.message, attempt.token)}).`;
  const limitedFor = readLimit(status, headers);
  if (limitedFor !== undefined) {
    return new GitLabFailure({
      happened: answered,
      outcome: 'unchanged',
      retryable: true,
      advice: `The rate limit is used up; it is tried again in ${Math.ceil(limitedFor / 1000)} s.`,
      status,
      retryAfterMs: limitedFor,
    });
  }
  return new GitLabFailure({
    happened: answered,
    // A 5xx may come after the work was done.
    outcome: status >= 500 ? unknownIfWriting : 'unchanged',
    retryable: status >= 500 || status === 409,
    advice: adviceFor(status, headers, attempt.where),
    status,
  });
}

function describeLostLine(error: unknown, attempt: GitLabAttempt, where: string): GitLabFailure {
  const thrown = error as { name?: string; message?: string; cause?: { code?: unknown } };
  const code = typeof thrown.cause?.code === 'string' ? thrown.cause.code : '';
  const reached = !wasNeverReached(code);
  const why = code || cleanText(thrown.message ?? '', attempt.token) || thrown.name;
  return new GitLabFailure({
    happened: `${where}: GitLab ${reached ? 'gave no complete answer' : 'cannot be reached'} (${why}).`,
    outcome: reached && attempt.writes ? 'unknown' : 'unchanged',
    retryable: true,
    advice: /CERT|SELF_SIGNED|UNABLE_TO_/.test(code)
      ? 'The server’s certificate is not accepted: check this machine’s clock and its trusted issuers (NODE_EXTRA_CA_CERTS).'
      : 'Check the network and `gitlab.api_url`, then retry.',
  });
}

/** How long to wait, in milliseconds, if an answer means a rate limit; undefined if it does not. */
export function readLimit(status: number, headers: Headers): number | undefined {
  if (status !== 429) return undefined;
  const after = headers.get('retry-after') ?? '';
  if (/^\d{1,6}$/.test(after)) return Number(after) * 1000;
  const resetMs = Number(headers.get('ratelimit-reset') ?? Number.NaN) * 1000;
  return Number.isFinite(resetMs) ? Math.max(1000, resetMs - Date.now()) : 60_000;
}

function adviceFor(status: number, headers: Headers, where: string): string {
  if (status >= 300 && status < 400) {
    const location = cleanText(headers.get('location') ?? '', '');
    return `It moved${location ? ` to ${location}` : ''}: correct \`gitlab.project\` and \`gitlab.api_url\`.`;
  }
  if (status === 401)
    return 'The token is missing, wrong or expired: put a valid one into the worker’s configuration.';
  if (status === 403)
    return 'The token has no right to do this: it needs the scope `api` and at least the role Developer (Maintainer for protected tags).';
  if (status === 404) return `There is no such thing, or ${where} moved, or the token may not see it.`;
  if (status === 409) return 'Somebody changed it at the same time: read again, then retry.';
  if (status === 400 || status === 422) return 'Correct what GitLab names.';
  if (status >= 500) return 'GitLab has a problem of its own (see its status page); retry in a while.';
  return 'Read what GitLab says, mend it, then retry.';
}

/** A text of the outside world, fit for a message: one line, short, the token masked. */
function cleanText(text: string, token: string): string {
  const masked = token ? text.replaceAll(token, '***') : text;
  return masked.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300);
}
