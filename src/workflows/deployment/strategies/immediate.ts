import { callScript, migrateDatabase, runStage } from '../deployment-rig.ts';
import { forEachInstance, listInstances } from './every-instance.ts';
import type { Strategy } from './strategy.ts';

/** For hotfixes: every instance at once, verified afterwards. Speed matters more than a careful order. */
export const deployImmediately: Strategy = async (rig) => {
  const { environment, version } = rig.input;
  if (rig.previousSlot !== undefined) rig.slot = rig.previousSlot;
  const where = rig.slot === undefined ? {} : { slot: rig.slot };
  await migrateDatabase(rig, rig.slot);
  await runStage(
    rig,
    {
      id: `${environment.kind}.deploy`,
      title: `Deploy ${version} everywhere`,
      phase: environment.kind,
      role: 'devops',
    },
    async () => {
      await forEachInstance(listInstances(rig), (instance) =>
        callScript(rig, { script: 'deploy', instance, target: `instance-${instance}`, ...where }),
      );
    },
  );
  rig.tell({ event: 'environment', environment: { name: environment.name, share: 100 } });
};
