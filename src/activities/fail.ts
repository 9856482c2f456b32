import { ApplicationFailure } from '@temporalio/common';
import type { FailureDetails, FailureType } from '../contracts/failures.ts';
import { NON_RETRYABLE } from '../contracts/failures.ts';
import {
  GitFailed,
  GitNameRefused,
  GitRefMissing,
  GitUnknownOutcome,
} from '../integrations/git/git-errors.ts';

/** However long the other side asks to be left alone, it is looked at again after this. */
const LONGEST_WAIT_MS = 15 * 60_000;

/** Time for the other workers of a rolling restart to be there. */
const HANDED_BACK_AFTER_MS = 1_000;

/** A failure that tells people what happened, what was changed and what was not, and what to do now. `retryAfterMs`: the next try waits. */
export function fail(
  type: FailureType,
  details: Omit<FailureDetails, 'type'>,
  cause?: unknown,
  retryAfterMs?: number,
): ApplicationFailure {
  return ApplicationFailure.create({
    message: details.what,
    type,
    nonRetryable: NON_RETRYABLE.includes(type),
    details: [{ type, ...details }],
    ...(cause instanceof Error ? { cause } : {}),
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: Math.min(retryAfterMs, LONGEST_WAIT_MS) }),
  });
}

/** How often a refused one looks again at the file that its worker follows. */
const LOOK_AGAIN_MS = 20_000;

/**
 * This worker's configuration does not let it do this now: nothing was begun. The first time it is told at once, and
 * the workflow says so; asked for again (`round`), the server repeats it until the file is mended.
 */
export function refuseByConfiguration(why: string, round: number): ApplicationFailure {
  const details: FailureDetails = {
    type: 'ConfigurationRefused',
    what: why,
    changed: 'nothing',
    next: 'mend the file ("windlass config check" shows every mistake): it goes on by itself',
  };
  return ApplicationFailure.create({
    message: why,
    type: details.type,
    nonRetryable: round === 0,
    details: [details],
    nextRetryDelay: LOOK_AGAIN_MS,
  });
}

/** A worker that was asked to stop has ended this itself: nothing failed, somebody else does it again. */
export function handBack(error: unknown): ApplicationFailure {
  return fail(
    'Unavailable',
    {
      what: 'the worker was asked to stop, so it ended what it was doing and handed it back',
      changed: 'what was done until then is found by its effect key and not done twice',
      next: 'nothing: another worker goes on with it',
    },
    error,
    HANDED_BACK_AFTER_MS,
  );
}

/** Any error that an activity threw, as a failure with a type by which the workflow knows what can be done. */
export function toFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof GitUnknownOutcome) {
    return fail(
      'UnknownOutcome',
      { what: error.message, changed: 'unknown', next: 'look at the remote, then retry' },
      error,
    );
  }
  if (error instanceof GitFailed) return describeGitTrouble(error);
  if (error instanceof GitNameRefused || error instanceof GitRefMissing) {
    return fail(
      'Mistake',
      { what: error.message, changed: 'nothing', next: 'correct the name, then replan or abort' },
      error,
    );
  }
  if (isAdvised(error)) {
    const type: FailureType =
      error.conflict === true
        ? 'Conflict'
        : error.outcome === 'unknown'
          ? 'UnknownOutcome'
          : error.retryable
            ? 'Unavailable'
            : 'Mistake';
    return fail(
      type,
      {
        what: error.message,
        changed:
          error.outcome === 'unknown' ? 'unknown: it is read again before anything is repeated' : 'nothing',
        next: error.advice,
      },
      error,
      error.retryAfterMs,
    );
  }
  return error;
}

function describeGitTrouble(error: GitFailed): ApplicationFailure {
  const temporary = ['unavailable', 'broken-off', 'timeout'].includes(error.trouble);
  // git follows a redirection, but hands no credential to another host, which then asks for one in vain.
  const [, asking = ''] = /could not read Username for '(https?:\/\/[^']+)'/.exec(error.stderr) ?? [];
  const moved = asking !== '' && !error.command.includes(`${asking}/`);
  const next: Partial<Record<GitFailed['trouble'], string>> = {
    auth: "give this worker's configuration a credential with the right to do this, then retry",
    'no-repository': 'check the address of the repository (was it moved?), then retry',
    refused: 'the server protects this ref: allow the account of Windlass to change it, then retry',
  };
  return fail(
    temporary ? 'Unavailable' : 'Mistake',
    {
      what: error.message,
      changed: 'nothing',
      next: moved
        ? `the repository moved to ${asking}: put its new address into the configuration, then retry`
        : (next[error.trouble] ?? 'mend the cause, then retry'),
    },
    error,
  );
}

/** The form that the integrations' own errors have in common. */
function isAdvised(error: unknown): error is Error & {
  retryable: boolean;
  outcome: 'unchanged' | 'unknown';
  advice: string;
  retryAfterMs?: number;
  /** Somebody else's is there: a person must see both sides. */
  conflict?: boolean;
} {
  if (!(error instanceof Error)) return false;
  const facts = error as Error & { retryable?: unknown; outcome?: unknown; advice?: unknown };
  return (
    typeof facts.retryable === 'boolean' &&
    (facts.outcome === 'unchanged' || facts.outcome === 'unknown') &&
    typeof facts.advice === 'string'
  );
}
