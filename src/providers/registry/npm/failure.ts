import { type FailureFacts, OutsideFailure, wasNeverReached } from '../../../integrations/failure.ts';

/**
 * What went wrong at an npm registry, in the words that a person at 3 a.m. needs: what happened, what was
 * changed, what to do now. The token never appears in it.
 */
export class NpmFailure extends OutsideFailure {
  override readonly name = 'NpmFailure';

  constructor(facts: FailureFacts) {
    super(facts, { unchanged: 'Nothing was changed.', unknown: 'Whether the registry did it is unknown.' });
  }
}

/** A package that is not fit to be published; nothing was sent. */
export function refusePackage(happened: string, advice: string): NpmFailure {
  return new NpmFailure({ happened, outcome: 'unchanged', retryable: false, advice });
}

/** What was being attempted; `secret` is masked wherever the registry may have echoed it. */
export interface NpmAttempt {
  /** As in "could not {doing}". */
  doing: string;
  registry: string;
  writes: boolean;
  secret?: string | undefined;
}

interface FetchError {
  code?: unknown;
  statusCode?: unknown;
  body?: unknown;
  message?: unknown;
  headers?: unknown;
}

/** Turns whatever npm-registry-fetch threw into an `NpmFailure` that says which side has to act. */
export function describeNpmFailure(error: unknown, attempt: NpmAttempt): NpmFailure {
  if (error instanceof NpmFailure) return error;
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as FetchError;
  const status = typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
  const code = typeof thrown.code === 'string' ? thrown.code : '';
  const said = maskAndShorten(answerText(thrown), attempt.secret);
  const where = `Could not ${attempt.doing} at ${hostOf(attempt.registry)}`;
  const outcomeOfLostAnswer = attempt.writes ? 'unknown' : 'unchanged';

  if (status === undefined) {
    const reached = !wasNeverReached(code);
    return new NpmFailure({
      happened: `${where}: the registry ${reached ? 'gave no complete answer' : 'cannot be reached'} (${said || code || 'no reason given'}).`,
      outcome: reached ? outcomeOfLostAnswer : 'unchanged',
      retryable: true,
      advice: adviseConnection(
        code,
        'Check that the registry is up and that its address in the configuration is right, then retry.',
      ),
    });
  }
  const answered = `${where}: it answered ${status}${said ? ` (${said})` : ''}.`;
  if (status === 429 || status >= 500) {
    return new NpmFailure({
      happened: answered,
      // A 5xx can come from a proxy in front of a registry that did the work.
      outcome: status === 429 ? 'unchanged' : outcomeOfLostAnswer,
      retryable: true,
      advice: 'The registry is overloaded or broken; retry in a while.',
      status,
    });
  }
  return new NpmFailure({
    happened: answered,
    outcome: 'unchanged',
    retryable: status === 409,
    advice: adviceFor(status, code, said),
    status,
  });
}

function adviceFor(status: number, code: string, said: string): string {
  if (code === 'EOTP') {
    return 'The account asks for a one-time password: use an automation token or a granular token that bypasses it.';
  }
  if (status === 401)
    return 'The token is missing, wrong or expired: put a valid one into the worker’s configuration.';
  if (status === 402)
    return 'The registry asks for a paid plan for restricted packages: set `access: public` or buy it.';
  if (status === 403 && /two-factor|2fa/i.test(said)) {
    return 'The package demands two-factor authentication: use a token that is allowed to publish without it.';
  }
  if (status === 403) {
    return 'The token has no right to do this: give its account write access to the package or scope; if the name is taken by somebody else, choose another.';
  }
  // The public registry hides what a token may not see, so a 404 on a write is often a matter of rights.
  if (status === 404) return 'There is no such package or version, or the token may not see it.';
  if (status === 409) return 'Somebody changed the package at the same time: read it again, then retry.';
  if (status === 413)
    return 'The package is larger than the registry accepts: leave files out of it (`files` in package.json).';
  return 'Read what the registry says, mend it, then retry.';
}

function answerText(thrown: FetchError): string {
  const body = thrown.body;
  if (typeof body === 'object' && body !== null) {
    const { error, message, reason } = body as Record<string, unknown>;
    const text = error ?? message ?? reason;
    if (typeof text === 'string') return text;
  }
  if (typeof thrown.statusCode === 'number') return '';
  return typeof thrown.message === 'string' ? thrown.message : '';
}

function maskAndShorten(text: string, secret: string | undefined): string {
  const masked = secret ? text.replaceAll(secret, '***') : text;
  return masked.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300);
}

function hostOf(registry: string): string {
  return URL.canParse(registry)
    ? new URL(registry).host
    : 'the configured registry (its address is not a URL)';
}

/** A certificate is refused for a wrong clock as often as for a missing issuer. */
function adviseConnection(code: string, otherwise: string): string {
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code)
    ? 'The server’s certificate is not accepted: check this machine’s clock and its trusted issuers (NODE_EXTRA_CA_CERTS).'
    : otherwise;
}
