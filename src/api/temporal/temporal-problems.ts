import { QueryNotRegisteredError, QueryRejectedError } from '@temporalio/client';
import { GatewayProblem } from '../gateway.ts';

/** The gRPC status of an error of the SDK, wherever in its chain of causes it is. */
export function grpcCode(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as Error & { code?: unknown };
    if (typeof code === 'number') return code;
  }
  return undefined;
}

/** Of a query: no worker has polled lately, or a task of the workflow failed and is being tried again. */
export const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
/** Cancelled, unknown, deadline exceeded, resource exhausted, aborted, internal, unavailable: they pass. */
const PASSING = [1, 2, 4, 8, 10, 13, 14];

/** What a failed call means for people; errors that say enough themselves stay as they are. */
export function toGatewayProblem(error: unknown): unknown {
  if (error instanceof GatewayProblem) return error;
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) {
    return new GatewayProblem('no_worker', 'The workflow does not answer questions about itself.');
  }
  const code = grpcCode(error);
  // The server says so when no worker has polled lately; otherwise it lets a query wait for one, in vain.
  if (code === FAILED_PRECONDITION) return new GatewayProblem('no_worker', 'No worker answers.');
  if (code === undefined || !PASSING.includes(code)) return error;
  return isQuery(error) && code !== UNAVAILABLE
    ? new GatewayProblem('no_worker', 'No worker answered in time.')
    : new GatewayProblem('away', 'Temporal does not answer.');
}

function isQuery(error: unknown): boolean {
  return (
    error instanceof Error &&
    /query/i.test(`${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`)
  );
}

/** Whether the request cannot have reached the server: there was no connection to send it on. */
export function neverArrived(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (/ECONNREFUSED|ENOTFOUND|No connection established/.test(at.message)) return true;
  }
  return false;
}

/** Whether Temporal refuses a signal because the workflow has had too many. */
export function isFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (/limit for number of signals|signal.{0,40}limit|too many signals/i.test(at.message)) return true;
  }
  return false;
}
