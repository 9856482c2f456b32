import { callScript, migrateDatabase, runStage } from '../deployment-context.ts';
import { forEachInstance, listInstances } from './every-instance.ts';
import type { Strategy } from './strategy.ts';

/** Batch by batch (usually of one instance), each verified before the next; the first bad one stops it. */
export const deployRolling: Strategy = async (context) => {
  const { environment, version } = context.input;
  const { previousSlot: slot } = context.state;
  if (slot !== undefined) context.apply({ event: 'slot_chosen', slot });
  const where = slot === undefined ? {} : { slot };
  await migrateDatabase(context, slot);
  const instances = listInstances(context);
  const size = environment.rollingBatch ?? 1;
  const title = `Deploy ${version}, ${size === 1 ? 'instance by instance' : `${size} instances at a time`}`;
  await runStage(
    context,
    { id: `${environment.kind}.deploy`, title, phase: environment.kind, role: 'devops' },
    async () => {
      for (let done = 0; done < instances.length; done += size) {
        const batch = instances.slice(done, done + size);
        for (const script of ['deploy', 'verify'] as const) {
          await forEachInstance(batch, (instance) =>
            callScript(context, { script, instance, target: `instance-${instance}`, ...where }),
          );
        }
        const last = batch.at(-1) ?? 0;
        context.tell({
          event: 'environment',
          environment: { name: environment.name, share: Math.round((100 * last) / instances.length) },
          news: { is: 'instances', version, first: batch[0] ?? last, last, of: instances.length },
        });
      }
    },
  );
};
