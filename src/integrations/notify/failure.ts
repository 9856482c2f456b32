/**
 * A message that could not be sent, in words for a person. Addresses of webhooks and passwords are secrets and
 * never appear in it; only the receiver's host does.
 */
export class NotifyFailure extends Error {
  override readonly name = 'NotifyFailure';
  /** Whether the same call can succeed later without anybody mending anything. */
  readonly retryable: boolean;
  /** `unknown`: the message may have arrived; sending again may show it twice. */
  readonly outcome: 'unchanged' | 'unknown';
  readonly status: number | undefined;
  /** How long the receiver asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly advice: string;

  constructor(facts: NotifyFailureFacts) {
    const sent = facts.outcome === 'unchanged' ? 'Nothing was sent.' : 'Whether it arrived is unknown.';
    super(`${facts.happened} ${sent} ${facts.advice}`);
    this.retryable = facts.retryable;
    this.outcome = facts.outcome;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.advice = facts.advice;
  }
}

/** The parts that a `NotifyFailure` is made of. Sentences end with a full stop. */
export interface NotifyFailureFacts {
  happened: string;
  outcome: 'unchanged' | 'unknown';
  retryable: boolean;
  advice: string;
  status?: number | undefined;
  retryAfterMs?: number | undefined;
}

// Before a connection stands, no byte of the request can have arrived; the last three are refused certificates.
const NEVER_REACHED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EDNS|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$|CERT|SELF_SIGNED|UNABLE_TO_/;

/** Whether an error code says that the receiver was never reached. */
export function wasNeverReached(code: unknown): boolean {
  return typeof code === 'string' && NEVER_REACHED.test(code);
}

/** A text of the outside world, fit for a message: one line, short, the given secrets masked. */
export function quoteOutside(text: string, secrets: readonly (string | undefined)[] = []): string {
  let masked = text;
  for (const secret of secrets) if (secret) masked = masked.replaceAll(secret, '***');
  return masked.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200);
}
