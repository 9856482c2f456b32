import type { Sample } from '../../../contracts/activities.ts';
import { type MetricLook, type MetricScript, makeSample } from '../metric-source.ts';

/** What the product's own program measures, for the slot and, beside it, the one that it is compared with. */
export async function look({ script }: { script: MetricScript }, at: MetricLook): Promise<Sample[]> {
  const ask = async (group: Sample['group'], slot: string | undefined) =>
    makeSample(at, await at.runScript(script, slot), group);
  if (at.check.compare === 'none' || at.baselineSlot === undefined) return [await ask('candidate', at.slot)];
  return await Promise.all([ask('candidate', at.slot), ask('baseline', at.baselineSlot)]);
}
