import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { EnvironmentScriptInput } from '../../contracts/activities.ts';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readReason } from '../../contracts/inbound/read-notes.ts';
import type { RollbackInput, RollbackResult } from '../../contracts/workflows.ts';
import type { EnvironmentScriptName } from '../../release/settings.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { showRollback } from '../deployment/show-deployment.ts';
import { noteWentBack } from '../environment/history.ts';
import { acquireLease, listenForGrants } from '../environment/lease.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import { Reporter } from '../shared/reports.ts';
import { proxyRoleActivities, type RoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';
import { callPerson, proposeHotfix } from './tell-people.ts';

/** How the rollback goes, for people: the answer to its status query and its details in the Web UI. */
interface Progress {
  input: RollbackInput;
  done: string[];
  failed?: string;
  waitsForRetry: boolean;
}

/** After going back, the old version is looked at this often, this far apart; well at the last look is a help. */
const LOOKS = 3;
const LOOK_EVERY_MS = 2_000;

/**
 * Puts the version before back into an environment. Takes the lease over from the deployment that failed, and never
 * gives up: a part that fails calls a person and stays retryable, since what is in between is worse than waiting.
 */
export async function rollback(input: RollbackInput): Promise<RollbackResult> {
  const grants = listenForGrants();
  let progress: Progress = { input, done: [], waitsForRetry: false };
  let retries = 0;
  let abandoned: string | undefined;
  setHandler(defineSignal<[unknown]>('retry'), () => {
    retries += 1;
  });
  // Leaves the environment as it is: only for somebody who has put it right by hand.
  setHandler(defineSignal<[unknown]>('abort'), (argument) => {
    abandoned = readReason(argument);
  });
  setHandler(defineQuery<Progress>(STATUS_QUERY), () => progress);
  const activities = proxyRoleActivities();
  const reporter = new Reporter(input.reportTo);
  const change = (next: Partial<Progress>) => {
    progress = { ...progress, ...next };
    showDetails(describeProgress(progress));
  };
  change({});

  return await CancellationScope.nonCancellable(async () => {
    const lease = await acquireLease(grants, {
      product: input.product,
      environment: input.environment.name,
      priority: 'rollback',
      purpose: `back to ${input.to.version}: ${input.reason}`.slice(0, 200),
      ...(input.takeOverFrom === undefined ? {} : { takeOverFrom: input.takeOverFrom }),
    });
    await lease.protect({ ...input, round: input.round });
    reporter.tell({
      event: 'noted',
      fact: 'goes_back',
      what: `rolling ${input.environment.name} back from ${input.bad.version} to ${input.to.version}`,
      by: input.by,
    });
    const shown = showRollback(activities, input, reporter);
    const waitForPerson = async (problem: string) => {
      const before = retries;
      change({ failed: problem, waitsForRetry: true });
      const waiting = { for: ['operator', 'on_call'], reason: problem, actions: ['retry'] };
      reporter.tell({ event: 'waiting', waiting });
      await callPerson(activities, input, problem, before);
      await condition(() => retries > before || abandoned !== undefined);
      reporter.tell({ event: 'waiting_over' });
      change({ waitsForRetry: false });
    };
    if (input.confirmFirst !== undefined) await waitForPerson(input.confirmFirst);
    const steps = planSteps(input);
    // Most environments keep the version before; its bytes are fetched only where one does not, since that takes time.
    let bytes: Bytes = {};
    let looked = input.to.artifact !== undefined || input.to.image !== undefined;
    let helped = true;
    // Where it really went: a slot that is not warm any more is replaced by the idle one.
    let { slot } = input.to;
    for (const step of steps) {
      for (;;) {
        if (abandoned !== undefined) break;
        try {
          slot = (await runRollbackStep(activities, withBytes(input, bytes), lease.generation, step)) ?? slot;
          const { failed: _mended, ...rest } = progress;
          progress = rest;
          change({ done: [...progress.done, step.title] });
          reporter.tell({ event: 'noted', what: step.title });
          break;
        } catch (error) {
          const failure = describeFailure(error);
          if (step.watching) {
            helped = false;
            change({ done: [...progress.done, `${step.title}: ${failure.what}`] });
            await proposeHotfix(activities, reporter, input, failure.what);
            break;
          }
          if (!looked) {
            looked = true;
            bytes = await fetchBytes(activities, input);
            if (bytes.artifact ?? bytes.image) continue;
          }
          const problem = `${step.title}: ${failure.what}`;
          reporter.tell({ event: 'noted', what: `the rollback itself failed: ${problem}` });
          await waitForPerson(`the rollback of ${input.environment.name} itself failed: ${problem}`);
        }
      }
    }
    shown.show(abandoned === undefined ? 'success' : 'failure');
    if (abandoned === undefined) {
      await noteWentBack(activities, input, lease.generation, (what) =>
        reporter.tell({ event: 'noted', what }),
      );
    }
    await lease.giveBack();
    await shown.settle();
    await reporter.settle();
    await condition(allHandlersFinished);
    return {
      outcome: abandoned === undefined ? 'back' : 'abandoned',
      helped: helped && abandoned === undefined,
      reason: abandoned === undefined ? input.reason : `given up by a person: ${abandoned}`,
      deployed: {
        environment: input.environment.name,
        url: input.environment.url,
        version: input.to.version,
        strategy: input.strategy,
        deployedAt: new Date().toISOString(),
        ...(slot === undefined ? {} : { slot }),
      },
    };
  });
}

/** What a script can deploy: a file, an image, or both. */
type Bytes = Pick<RollbackInput['to'], 'artifact' | 'image'>;

function withBytes(input: RollbackInput, bytes: Bytes): RollbackInput {
  return { ...input, to: { ...input.to, ...bytes } };
}

/** The bytes of the version before, from where it was published; none when it was released elsewhere. */
async function fetchBytes(activities: RoleActivities, input: RollbackInput): Promise<Bytes> {
  try {
    const found = await activities
      .release(`fetch ${input.to.version}, which the environment does not keep`)
      .findReleased({ product: input.product, version: input.to.version });
    const { artifact, image } = found;
    return { ...(artifact ? { artifact } : {}), ...(image === undefined ? {} : { image }) };
  } catch {
    return {};
  }
}

interface RollbackStep {
  title: string;
  script: EnvironmentScriptName;
  target: string;
  watching: boolean;
}

/** Only what the environment has scripts for; going back itself must be among them. */
function planSteps(input: RollbackInput): RollbackStep[] {
  const { environment, to } = input;
  const has = (script: EnvironmentScriptName) => environment.scripts[script] !== undefined;
  const steps: RollbackStep[] = [
    has('rollback')
      ? {
          title: `Run the rollback script to ${to.version}`,
          script: 'rollback',
          target: 'back',
          watching: false,
        }
      : { title: `Deploy ${to.version} again`, script: 'deploy', target: 'back', watching: false },
  ];
  if (input.restoreBackup !== undefined && has('restore')) {
    steps.push({
      title: `Restore database backup ${input.restoreBackup}`,
      script: 'restore',
      target: 'back',
      watching: false,
    });
  }
  if (has('verify'))
    steps.push({
      title: `Verify that ${to.version} runs`,
      script: 'verify',
      target: 'back',
      watching: false,
    });
  if (has('smoke'))
    steps.push({ title: 'Watch whether it helped', script: 'smoke', target: 'watch', watching: true });
  return steps;
}

async function runRollbackStep(
  activities: RoleActivities,
  input: RollbackInput,
  generation: number,
  step: RollbackStep,
): Promise<string | undefined> {
  const request: EnvironmentScriptInput = {
    product: input.product,
    releaseId: input.releaseId,
    environment: input.environment.name,
    script: step.script,
    target: `${input.environment.name}/${input.round}/${step.target}`,
    version: input.to.version,
    previousVersion: input.bad.version,
    commit: input.bad.commit ?? '',
    ...(input.bundle === undefined ? {} : { bundle: input.bundle }),
    ...(input.to.artifact === undefined ? {} : { artifact: input.to.artifact }),
    ...(input.to.image === undefined ? {} : { image: input.to.image }),
    strategy: input.strategy,
    generation,
    ...(input.to.slot === undefined ? {} : { slot: input.to.slot }),
    ...(input.restoreBackup === undefined ? {} : { backup: input.restoreBackup }),
  };
  if (!step.watching) {
    const { output } = await activities
      .devops(`${step.title} in ${input.environment.name}`)
      .runEnvironmentScript(request);
    return typeof output['slot'] === 'string' ? output['slot'] : undefined;
  }
  for (let look = 1; look <= LOOKS; look++) {
    if (look > 1) await sleep(LOOK_EVERY_MS, { summary: 'watch whether going back helped' });
    try {
      await activities
        .support(`smoke ${input.environment.name} after going back, ${look} of ${LOOKS}`)
        .smokeEnvironment({ ...request, target: `${request.target}/${look}` });
    } catch (error) {
      // What is just coming up again may stumble once; how it stands at the end is what counts.
      if (look === LOOKS) throw error;
    }
  }
  return undefined;
}

function describeProgress(progress: Progress): string {
  const { input } = progress;
  return [
    `# ${markdownText(input.product)}: ${markdownText(input.environment.name)} back to ${markdownText(input.to.version)}`,
    `Because: ${markdownText(input.reason)}`,
    ...progress.done.map((title) => `- [x] ${markdownText(title)}`),
    ...(progress.failed === undefined
      ? []
      : [
          `- [ ] **failed**: ${markdownText(progress.failed)}`,
          '',
          'Mend the cause, then send the signal `retry`.',
        ]),
  ].join('\n');
}
