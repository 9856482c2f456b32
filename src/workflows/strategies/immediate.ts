import { callScript, runScript, runStage } from '../deployment-rig.ts';
import type { Strategy } from './strategy.ts';

/** For hotfixes: every instance at once, verified afterwards. Speed matters more than a careful order. */
export const deployImmediately: Strategy = async (rig) => {
  const { environment, version } = rig.input;
  if (rig.previousSlot !== undefined) rig.slot = rig.previousSlot;
  const where = rig.slot === undefined ? {} : { slot: rig.slot };
  await runScript(rig, 'Migrate the database', { script: 'migrate', ...where });
  await runStage(
    rig,
    {
      id: `${environment.kind}.deploy`,
      title: `Deploy ${version} everywhere`,
      phase: environment.kind,
      role: 'devops',
    },
    async () => {
      const instances = Array.from({ length: environment.instances }, (_, index) => index + 1);
      await Promise.all(
        instances.map((instance) =>
          callScript(rig, { script: 'deploy', instance, target: `instance-${instance}`, ...where }),
        ),
      );
    },
  );
  rig.tell({ event: 'environment', environment: { name: environment.name, share: 100 } });
};
