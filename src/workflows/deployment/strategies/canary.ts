import { prepareIdleSlot, shiftTraffic } from './idle-slot.ts';
import type { Strategy } from './strategy.ts';

/** Like blue-green, but the traffic comes in steps, and each step has to earn the next by a verdict. */
export const deployCanary: Strategy = async (context, tools) => {
  const { slot } = await prepareIdleSlot(context);
  for (const step of context.input.environment.canary.steps) {
    await shiftTraffic(context, slot, step.percent);
    // The last step's soak is the monitoring window.
    if (step.percent < 100) await tools.soak(step.soakMs, step.percent);
  }
  if (context.input.environment.canary.steps.at(-1)?.percent !== 100) await shiftTraffic(context, slot, 100);
};
