import { sleep } from '@temporalio/workflow';
import type { EnvironmentScriptInput } from '../../contracts/activities.ts';
import type { RollbackInput } from '../../contracts/workflows.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import type { EnvironmentScriptName } from '../../release/settings.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** After going back, the old version is looked at this often; well at the last look is a help. */
const LOOKS = 3;

/** A part of going back; one that is `watching` changes nothing, and its failure says that going back was no help. */
export interface RollbackStep {
  title: string;
  script: EnvironmentScriptName;
  target: string;
  watching: boolean;
}

/** Only what the environment has scripts for; going back itself must be among them. */
export function planSteps(input: RollbackInput): RollbackStep[] {
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

/**
 * Runs one part. @returns the slot that has the traffic, where the script says so
 */
export async function runRollbackStep(
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
    ...(input.restoreOrder === undefined ? {} : { order: input.restoreOrder }),
  };
  if (!step.watching) {
    const { output } = await activities
      .devops(`${step.title} in ${input.environment.name}`)
      .runEnvironmentScript(request);
    return typeof output['slot'] === 'string' ? output['slot'] : undefined;
  }
  for (let look = 1; look <= LOOKS; look++) {
    if (look > 1) await sleep(FLOW_MS.goingBack, { summary: 'watch whether going back helped' });
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
