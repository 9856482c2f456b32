import { callScript, migrateDatabase, runStage } from '../deployment-context.ts';
import { forEachInstance, listInstances } from './every-instance.ts';
import type { Strategy } from './strategy.ts';

/** For hotfixes: every instance at once, verified afterwards. Speed matters more than a careful order. */
export const deployImmediately: Strategy = async (context) => {
  const { environment, version } = context.input;
  const { previousSlot: slot } = context.state;
  if (slot !== undefined) context.apply({ event: 'slot_chosen', slot });
  const where = slot === undefined ? {} : { slot };
  await migrateDatabase(context, slot);
  await runStage(
    context,
    {
      id: `${environment.kind}.deploy`,
      title: `Deploy ${version} everywhere`,
      phase: environment.kind,
      role: 'devops',
    },
    async () => {
      await forEachInstance(listInstances(context), (instance) =>
        callScript(context, { script: 'deploy', instance, target: `instance-${instance}`, ...where }),
      );
    },
  );
  context.tell({ event: 'environment', environment: { name: environment.name, share: 100 } });
};
