import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readReason } from '../../contracts/inbound/read-notes.ts';
import type { RollbackInput, RollbackResult } from '../../contracts/workflows.ts';
import type { DeployedTo } from '../../release/values.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { showRollback } from '../deployment/show-deployment.ts';
import { noteWentBack } from '../environment/history.ts';
import { acquireLease, listenForGrants } from '../environment/lease.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import { Reporter } from '../shared/reports.ts';
import { proxyRoleActivities, type RoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';
import { tellOnce } from '../shared/workers/until-taken-up.ts';
import { findOther } from './find-other.ts';
import type { RollbackBytes, RollbackEvent, RollbackState } from './rollback-state.ts';
import { changeRollback, openRollbackState } from './rollback-state.ts';
import { planSteps, runRollbackStep } from './rollback-steps.ts';
import { callPerson, proposeHotfix } from './tell-people.ts';

/** The answer to its status query. */
type Progress = RollbackState & { input: RollbackInput };

/**
 * Puts the version before back into an environment. Takes the lease over from the deployment that failed, and never
 * gives up: a part that fails calls a person and stays retryable, since what is in between is worse than waiting.
 */
export async function rollback(input: RollbackInput): Promise<RollbackResult> {
  const grants = listenForGrants();
  let state = openRollbackState(input.to);
  const apply = (event: RollbackEvent) => {
    state = changeRollback(state, event);
    showDetails(describeProgress(input, state));
  };
  setHandler(defineSignal<[unknown]>('retry'), () => apply({ event: 'retry_asked' }));
  // Leaves the environment as it is: only for somebody who has put it right by hand.
  setHandler(defineSignal<[unknown]>('abort'), (argument) =>
    apply({ event: 'given_up', reason: readReason(argument) }),
  );
  setHandler(defineQuery<Progress>(STATUS_QUERY), () => ({ input, ...state }));
  const reporter = new Reporter(input.reportTo);
  const activities = proxyRoleActivities(tellOnce((event) => reporter.tell(event)));
  showDetails(describeProgress(input, state));

  return await CancellationScope.nonCancellable(async () => {
    const lease = await acquireLease(grants, {
      product: input.product,
      environment: input.environment.name,
      priority: 'rollback',
      purpose: `back to ${input.to.version}: ${input.reason}`.slice(0, 200),
      ...(input.takeOverFrom === undefined ? {} : { takeOverFrom: input.takeOverFrom }),
    });
    // A deployment whose lease it takes over left the environment in between: there it looks at nothing.
    const looks = input.takeOverFrom === undefined && patched('only-what-runs');
    const other = looks ? await findOther(activities, input) : undefined;
    if (other !== undefined) {
      await lease.giveBack();
      await reporter.settle();
      await condition(allHandlersFinished);
      const reason = `${input.environment.name} runs ${other} by now, and not ${input.bad.version}`;
      return { outcome: 'replaced', helped: false, reason, deployed: describeRunning(input, other) };
    }
    await lease.protect({ ...input, round: input.round });
    reporter.tell({
      event: 'goes_back',
      environment: input.environment.name,
      from: input.bad.version,
      to: input.to.version,
      by: input.by,
    });
    const shown = showRollback(activities, input, reporter);
    const waitForPerson = async (problem: string) => {
      const before = state.retries;
      apply({ event: 'failed', problem });
      const waiting = { for: ['operator', 'on_call'], reason: problem, actions: ['retry'] };
      reporter.tell({ event: 'waiting', waiting });
      await callPerson(activities, input, problem, before);
      await condition(() => state.retries > before || state.givenUp !== undefined);
      reporter.tell({ event: 'waiting_over' });
      apply({ event: 'waited' });
    };
    if (input.confirmFirst !== undefined) await waitForPerson(input.confirmFirst);
    for (const step of planSteps(input)) {
      while (state.givenUp === undefined) {
        try {
          const at = withBytes(input, state.bytes);
          const slot = await runRollbackStep(activities, at, lease.generation, step);
          apply({ event: 'part_done', title: step.title, ...(slot === undefined ? {} : { slot }) });
          reporter.tell({
            event: 'rollback_step_done',
            environment: input.environment.name,
            script: step.script,
            title: step.title,
          });
          break;
        } catch (error) {
          const { what } = describeFailure(error);
          if (step.watching) {
            apply({ event: 'did_not_help', title: step.title, why: what });
            await proposeHotfix(activities, reporter, input, what);
            break;
          }
          // Most environments keep the version before; its bytes are fetched only where one does not: that takes time.
          if (!state.looked) {
            const bytes = await fetchBytes(activities, input);
            apply({ event: 'looked_for_bytes', ...bytes });
            if (bytes.artifact ?? bytes.image) continue;
          }
          const { name } = input.environment;
          reporter.tell({ event: 'rollback_step_failed', environment: name, title: step.title, why: what });
          await waitForPerson(`the rollback of ${name} itself failed: ${step.title}: ${what}`);
        }
      }
    }
    const { givenUp, slot } = state;
    shown.show(givenUp === undefined ? 'success' : 'failure');
    if (givenUp === undefined) {
      await noteWentBack(activities, input, lease.generation, (event) => reporter.tell(event));
    }
    await lease.giveBack();
    await shown.settle();
    await reporter.settle();
    await condition(allHandlersFinished);
    return {
      outcome: givenUp === undefined ? 'back' : 'abandoned',
      helped: state.helped && givenUp === undefined,
      reason: givenUp === undefined ? input.reason : `given up by a person: ${givenUp}`,
      deployed: { ...describeRunning(input, input.to.version), ...(slot === undefined ? {} : { slot }) },
    };
  });
}

function describeRunning({ environment, strategy }: RollbackInput, version: string): DeployedTo {
  const { name, url } = environment;
  return { environment: name, url, version, strategy, deployedAt: new Date().toISOString() };
}

function withBytes(input: RollbackInput, bytes: RollbackBytes): RollbackInput {
  return { ...input, to: { ...input.to, ...bytes } };
}

/** The bytes of the version before, from where it was published; none when it was released elsewhere. */
async function fetchBytes(activities: RoleActivities, input: RollbackInput): Promise<RollbackBytes> {
  try {
    const found = await activities
      .release(`fetch ${input.to.version}, which the environment does not keep`)
      .findReleased({
        product: input.product,
        releaseId: input.releaseId,
        version: input.to.version,
      });
    const { artifact, image } = found;
    return { ...(artifact ? { artifact } : {}), ...(image === undefined ? {} : { image }) };
  } catch {
    return {};
  }
}

function describeProgress(input: RollbackInput, { done, failed }: RollbackState): string {
  return [
    `# ${markdownText(input.product)}: ${markdownText(input.environment.name)} back to ${markdownText(input.to.version)}`,
    `Because: ${markdownText(input.reason)}`,
    ...done.map((title) => `- [x] ${markdownText(title)}`),
    ...(failed === undefined
      ? []
      : [`- [ ] **failed**: ${markdownText(failed)}`, '', 'Mend the cause, then send the signal `retry`.']),
  ].join('\n');
}
