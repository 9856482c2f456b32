import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { isWantedProof, type Outcome, type ProvenAnswer, type SaidByRole } from '../contracts/answers.ts';
import type { WorkerRole } from '../contracts/task-queues.ts';
import { signAnswer } from '../integrations/ledger/answers.ts';
import type { LedgerKeys } from '../integrations/ledger/ledger.ts';

/**
 * Signs what a role's worker answers, and why it could not, for whoever asks for that. `keys`: those of the role; without
 * any it answers unsigned, which workflows of an installation that keeps a ledger do not believe.
 */
export function createProver(
  role: WorkerRole,
  keys: LedgerKeys | undefined,
): () => { inbound: ActivityInboundCallsInterceptor } {
  return () => ({
    inbound: {
      async execute(input, next) {
        const wanted = input.args.at(-1);
        if (!isWantedProof(wanted)) return await next(input);
        const args = input.args.slice(0, -1);
        if (keys === undefined) return await next({ ...input, args });
        const { activityType: activity, workflowExecution } = Context.current().info;
        const { workflowId = '', runId = '' } = workflowExecution ?? {};
        const about = { role, activity, workflowId, runId, ask: wanted.ask };
        // Before it runs: nothing that it does to its input may change what it was asked.
        const asked = structuredClone(args[0]);
        const prove = (outcome: Outcome) =>
          signAnswer({ ...about, input: asked, outcome } satisfies SaidByRole, keys.signing);
        try {
          const answer = await next({ ...input, args });
          return { answer, proof: prove({ answer }) } satisfies ProvenAnswer;
        } catch (error) {
          throw proveFailure(error, prove);
        }
      },
    },
  });
}

type Prove = (outcome: Outcome) => unknown;

function proveFailure(error: unknown, prove: Prove): unknown {
  if (!(error instanceof Error) || error instanceof CancelledFailure || error.name === 'AbortError')
    return error;
  const failure = error instanceof ApplicationFailure ? error : ApplicationFailure.fromError(error);
  const { message, details, nonRetryable, nextRetryDelay, cause } = failure;
  const type = failure.type ?? '';
  const told = details ?? [];
  return ApplicationFailure.create({
    message,
    type,
    nonRetryable: nonRetryable ?? false,
    details: [...told, { proof: prove({ failure: { type, message, details: told } }) }],
    ...(cause === undefined ? {} : { cause }),
    ...(nextRetryDelay === undefined || nextRetryDelay === null ? {} : { nextRetryDelay }),
  });
}
