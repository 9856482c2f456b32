import { type FailureFacts, wasNeverReached } from '../../integrations/failure.ts';

/** What was being attempted at a host. */
export interface HostAttempt {
  /** As in "could not {doing}". */
  doing: string;
  /** The repository's path. */
  where: string;
  writes: boolean;
  /** Masked, wherever it appears. */
  token: string;
}

/** What came back instead of a success: an answer, or nothing whole. `said` is the other side's own text. */
export type HostProblem =
  | { status: number; said: string; limitedForMs?: number | undefined; advice?: string | undefined }
  | { code: string; said: string };

/**
 * The failure of an attempt, in one way for every host: what happened, whether it can have changed something, which
 * side has to act. `title` is the host's name for people, `section` its name in `windlass.yaml`.
 */
export function describeHostFailure(
  host: { title: string; section: string },
  attempt: HostAttempt,
  problem: HostProblem,
): FailureFacts {
  const where = `Could not ${attempt.doing} (${attempt.where})`;
  const unknownIfWriting = attempt.writes ? 'unknown' : 'unchanged';
  const said = cleanText(problem.said, attempt.token);
  if ('code' in problem) {
    const reached = !wasNeverReached(problem.code);
    return {
      happened: `${where}: ${host.title} ${reached ? 'gave no complete answer' : 'cannot be reached'} (${problem.code || said}).`,
      outcome: reached ? unknownIfWriting : 'unchanged',
      retryable: true,
      advice: /CERT|SELF_SIGNED|UNABLE_TO_/.test(problem.code)
        ? 'The server’s certificate is not accepted: check this machine’s clock and its trusted issuers (NODE_EXTRA_CA_CERTS).'
        : `Check the network and \`${host.section}.api_url\`, then retry.`,
    };
  }
  const { status, limitedForMs } = problem;
  const happened = `${where}: ${host.title} answered ${status} (${said}).`;
  if (limitedForMs !== undefined) {
    const advice = `The rate limit is used up; it is tried again in ${Math.ceil(limitedForMs / 1000)} s.`;
    return {
      happened,
      outcome: 'unchanged',
      retryable: true,
      advice,
      status,
      retryAfterMs: limitedForMs,
    };
  }
  return {
    happened,
    // A 5xx may come after the work was done.
    outcome: status >= 500 ? unknownIfWriting : 'unchanged',
    retryable: status >= 500 || status === 409,
    advice: problem.advice ?? adviseStatus(status, host.title, attempt.where),
    status,
  };
}

function adviseStatus(status: number, title: string, where: string): string {
  if (status === 401)
    return 'The token is missing, wrong or expired: put a valid one into the worker’s configuration.';
  if (status === 403) return 'The token has no right to do this: give it the permission that is missing.';
  if (status === 404) return `There is no such thing, or ${where} moved, or the token may not see it.`;
  if (status === 410) return 'It was deleted or is switched off in the repository’s settings.';
  if (status === 409) return 'Somebody changed it at the same time: read again, then retry.';
  if (status === 400 || status === 422) return `Correct what ${title} names.`;
  if (status >= 500) return `${title} has a problem of its own (see its status page); retry in a while.`;
  return `Read what ${title} says, mend it, then retry.`;
}

/** What a `fetch` that got no whole answer threw. */
export function readLostLine(error: unknown): HostProblem {
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: string;
    message?: string;
    cause?: { code?: unknown; cause?: { code?: unknown } };
  };
  // A DOMException's code is a number that says nothing to anybody.
  const code = [thrown.cause?.code, thrown.cause?.cause?.code].find((one) => typeof one === 'string') ?? '';
  return { code: String(code), said: thrown.message || thrown.name || '' };
}

/** A text of the outside world, fit for a message: one line, short, the token masked. */
export function cleanText(text: string, token: string): string {
  const masked = token ? text.replaceAll(token, '***') : text;
  return masked.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300);
}
