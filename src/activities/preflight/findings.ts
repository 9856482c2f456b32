import type { FailureDetails } from '../../contracts/failures.ts';
import type { PreflightFinding } from '../../contracts/preflight.ts';
import { toFailure } from '../fail.ts';

const LONGEST = 400;

/** Whatever was thrown, as one line for people. Failures of integrations are free of secrets. */
export function explain(error: unknown): string {
  const failure = toFailure(error);
  return oneLine(failure instanceof Error ? failure.message : String(failure));
}

/** What was thrown, as a finding; the failure's own advice where it has any. */
export function failedFinding(
  subject: string,
  state: 'warning' | 'problem',
  error: unknown,
  advice: string,
): PreflightFinding {
  const failure = toFailure(error) as { details?: FailureDetails[] };
  const own = failure.details?.[0]?.next;
  return { subject, state, found: explain(error), advice: own === undefined ? advice : oneLine(own) };
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
