/** The parts that the failure of something outside is made of. Sentences end with a full stop. */
export interface FailureFacts {
  happened: string;
  /** `unknown`: the other side may have done it; read again before anything is repeated. */
  outcome: 'unchanged' | 'unknown';
  /** Whether the same call can succeed later without anybody mending anything. */
  retryable: boolean;
  advice: string;
  /** HTTP status, when the other side answered. */
  status?: number | undefined;
  /** How long the other side asked to be left alone, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/**
 * What went wrong with something outside, in the words that a person at 3 a.m. needs: what happened, what was changed,
 * what to do now. Each integration has its own kind, which sees to it that no secret appears in it.
 */
export class OutsideFailure extends Error {
  readonly retryable: boolean;
  readonly outcome: 'unchanged' | 'unknown';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly happened: string;
  readonly advice: string;

  /** `sentences` say for either outcome what became of the change. */
  constructor(facts: FailureFacts, sentences: Record<FailureFacts['outcome'], string>) {
    super(`${facts.happened} ${sentences[facts.outcome]} ${facts.advice}`);
    this.retryable = facts.retryable;
    this.outcome = facts.outcome;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.happened = facts.happened;
    this.advice = facts.advice;
  }
}

// Before a connection stands, no byte of the request can have arrived; the last three are refused certificates.
const NEVER_REACHED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EDNS|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$|CERT|SELF_SIGNED|UNABLE_TO_/;

/** Whether an error code says that the other side was never reached. */
export function wasNeverReached(code: unknown): boolean {
  return typeof code === 'string' && NEVER_REACHED.test(code);
}
