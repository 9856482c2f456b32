import { callScript, runScript, runStage } from '../deployment-rig.ts';
import type { Strategy } from './strategy.ts';

/** Instance by instance, each verified before the next; the first bad one stops it. */
export const deployRolling: Strategy = async (rig) => {
  const { environment, version } = rig.input;
  if (rig.previousSlot !== undefined) rig.slot = rig.previousSlot;
  const where = rig.slot === undefined ? {} : { slot: rig.slot };
  await runScript(rig, 'Migrate the database', { script: 'migrate', ...where });
  const title = `Deploy ${version}, instance by instance`;
  await runStage(
    rig,
    { id: `${environment.kind}.deploy`, title, phase: environment.kind, role: 'devops' },
    async () => {
      for (let instance = 1; instance <= environment.instances; instance++) {
        await callScript(rig, { script: 'deploy', instance, target: `instance-${instance}`, ...where });
        await callScript(rig, { script: 'verify', instance, target: `instance-${instance}`, ...where });
        const share = Math.round((100 * instance) / environment.instances);
        rig.tell({
          event: 'environment',
          environment: { name: environment.name, share },
          note: `instance ${instance} of ${environment.instances} in ${environment.name} runs ${version}`,
        });
      }
    },
  );
};
