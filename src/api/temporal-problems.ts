import { QueryNotRegisteredError, QueryRejectedError } from '@temporalio/client';
import { GatewayProblem } from './gateway.ts';

/** The gRPC status of an error of the SDK, wherever in its chain of causes it is. */
export function grpcCode(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as Error & { code?: unknown };
    if (typeof code === 'number') return code;
  }
  return undefined;
}

const DEADLINE_EXCEEDED = 4;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;

/** What a failed call means for people; errors that say enough themselves stay as they are. */
export function toGatewayProblem(error: unknown): unknown {
  if (error instanceof GatewayProblem) return error;
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) {
    return new GatewayProblem('no_worker', 'The workflow does not answer questions about itself.');
  }
  switch (grpcCode(error)) {
    case UNAVAILABLE:
    case RESOURCE_EXHAUSTED:
      return new GatewayProblem('away', 'Temporal does not answer.');
    // The server says so when no worker has polled lately, and lets a query wait for one otherwise.
    case FAILED_PRECONDITION:
      return new GatewayProblem('no_worker', 'No worker answers.');
    case DEADLINE_EXCEEDED:
      return new GatewayProblem(isQuery(error) ? 'no_worker' : 'away', 'No answer came in time.');
    default:
      return error;
  }
}

function isQuery(error: unknown): boolean {
  return (
    error instanceof Error &&
    /query/i.test(`${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`)
  );
}
