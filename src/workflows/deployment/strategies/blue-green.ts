import { prepareIdleSlot, shiftTraffic } from './idle-slot.ts';
import type { Strategy } from './strategy.ts';

/** Everything is made ready in the idle slot, then all traffic switches at once. The old slot stays warm. */
export const deployBlueGreen: Strategy = async (context) => {
  const { slot } = await prepareIdleSlot(context);
  await shiftTraffic(context, slot, 100);
};
