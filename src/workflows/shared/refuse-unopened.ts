/**
 * Loaded into every workflow by its path: refuses an input that cannot be opened before any of its code sees it, and
 * takes no answer that cannot be opened for one. Whoever has only the namespace can make neither.
 */
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/workflow';
import type { FailureDetails } from '../../contracts/failures.ts';
import { isUndecodable, type UndecodablePayload } from '../../contracts/undecodable.ts';

export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute: async (input, next) => {
        const unopened = input.args.find(isUndecodable);
        if (unopened) throw refuse('its input', unopened, 'start it through the API');
        return await next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: async (input, next) =>
        takeAnswer(await next(input), `the answer of ${input.activityType}`),
      startChildWorkflowExecution: async (input, next) => {
        const [started, result] = await next(input);
        const taken = result.then((value) => takeAnswer(value, `the result of ${input.workflowType}`));
        // Nobody waits for the result of a child that could not be started.
        taken.catch(() => undefined);
        return [started, taken];
      },
    },
  ],
});

function takeAnswer<T>(value: T, whose: string): T {
  if (!isUndecodable(value)) return value;
  throw refuse(whose, value, 'find out who else polls the queues of this namespace, then retry');
}

function refuse(whose: string, { undecodable }: UndecodablePayload, next: string): ApplicationFailure {
  const details: FailureDetails = {
    type: 'NotAuthorized',
    what: `${whose} is not from this installation: ${undecodable}`,
    changed: 'nothing that Windlass knows of',
    next,
  };
  return ApplicationFailure.create({
    message: details.what,
    type: details.type,
    nonRetryable: true,
    details: [details],
  });
}
