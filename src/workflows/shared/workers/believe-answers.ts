/**
 * Loaded into every workflow by its path: an answer of a role is believed only when the role's own key has signed it, for
 * this question of this run. Whoever polls a role's queue without its key can say nothing. The workflow worker verifies
 * it in a local activity: workflow code can neither read its worker's configuration, nor may a replay go by keys that
 * were changed since, and what runs in the worker's own process nobody else can answer.
 */

import type { ActivityInput, WorkflowInterceptorsFactory } from '@temporalio/workflow';
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  log,
  patched,
  proxyLocalActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { BeliefActivities, Outcome, ProvenAnswer, SaidByRole } from '../../../contracts/answers.ts';
import { readProof } from '../../../contracts/answers.ts';
import type { FailureDetails } from '../../../contracts/failures.ts';
import { roleQueue, WORKER_ROLES, type WorkerRole } from '../../../contracts/task-queues.ts';
import { isUndecodable } from '../../../contracts/undecodable.ts';
import { FLOW_MS } from '../../../release/policy/inner-times.ts';

/** How often a role is asked until somebody answers who may: an honest worker polls the same queue as a liar. */
const TRIES = 3;
export const interceptors: WorkflowInterceptorsFactory = () => {
  const belief = proxyLocalActivities<BeliefActivities>({ startToCloseTimeout: '1 minute' });
  /** Nobody who gives up waiting for an answer takes from others what is found out for all. */
  const find = <T>(question: () => Promise<T>) => CancellationScope.nonCancellable(question);
  let areProven: Promise<boolean> | undefined;
  let asked = 0;
  return {
    outbound: [
      {
        scheduleActivity: async (input, next) => {
          const role = findRole(input);
          if (role === undefined || !patched('proven-answers')) return await next(input);
          areProven ??= find(belief.areAnswersProven);
          if (!(await areProven)) return await next(input);
          for (let tried = 1; ; tried++) {
            asked += 1;
            const { workflowId, runId } = workflowInfo();
            const about = { role, activity: input.activityType, workflowId, runId, ask: asked };
            const refuse = async (outcome: Outcome, carrier: unknown): Promise<string | undefined> => {
              const said: SaidByRole = { ...about, input: input.args[0], outcome };
              return (await find(() => belief.verifyAnswer({ said, proof: readProof(carrier) }))).refused;
            };
            const question = { ...input, args: [...input.args, { ask: about.ask }] };
            const heard = await hear(() => next(question), about, refuse);
            if ('answer' in heard) return heard.answer;
            if ('failure' in heard) throw heard.failure;
            if (tried === TRIES) throw notVerified(role, heard);
            log.warn(`${heard.what} is not believed: ${heard.refused}`);
            await sleep(tried * FLOW_MS.believeAgain, { summary: `until ${role} is asked again` });
          }
        },
      },
    ],
  };
};

type Refuse = (outcome: Outcome, carrier: unknown) => Promise<string | undefined>;

/** The answer, or why it failed, as the role said it; or that somebody says so whose word does not count. */
type Heard = { answer: unknown } | { failure: unknown } | NotBelieved;

interface NotBelieved {
  what: string;
  refused: string;
}

async function hear(
  ask: () => Promise<unknown>,
  { activity }: { activity: string },
  refuse: Refuse,
): Promise<Heard> {
  let given: unknown;
  try {
    given = await ask();
  } catch (failure) {
    // Temporal's own words count: time-outs, cancellation.
    if (!(failure instanceof ActivityFailure && failure.cause instanceof ApplicationFailure))
      return { failure };
    const { type, message, details } = failure.cause;
    const proof = details?.at(-1);
    const told = readProof(proof) === undefined ? (details ?? []) : (details ?? []).slice(0, -1);
    const refused = await refuse({ failure: { type: type ?? '', message, details: told } }, proof);
    if (refused === undefined) return { failure };
    const claim = JSON.stringify(message.slice(0, 300));
    return { what: `that ${activity} failed (unverified: ${claim})`, refused };
  }
  // Says so itself.
  if (isUndecodable(given)) return { answer: given };
  const { answer } = (given ?? {}) as Partial<ProvenAnswer>;
  const refused = await refuse({ answer }, given);
  return refused === undefined ? { answer } : { what: `the answer of ${activity}`, refused };
}

function notVerified(role: WorkerRole, { what, refused }: NotBelieved): ApplicationFailure {
  const details: FailureDetails = {
    type: 'NotVerified',
    what: `${what} is not believed: ${refused}`,
    changed: 'nothing that Windlass knows of',
    next: `see that every worker of ${role} runs this version with the role's own ledger key, and find out who else polls its queue; then retry`,
  };
  return ApplicationFailure.create({
    message: details.what,
    type: details.type,
    nonRetryable: true,
    details: [details],
  });
}

/** Whose queue it goes to; undefined for one that is no role's. */
function findRole({ options }: ActivityInput): WorkerRole | undefined {
  const { taskQueue } = workflowInfo();
  return WORKER_ROLES.find((role) => roleQueue(taskQueue, role) === options.taskQueue);
}
