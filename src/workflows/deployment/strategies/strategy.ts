import type { StrategyName } from '../../../release/policy/strategies.ts';
import type { DeploymentContext } from '../deployment-context.ts';
import { deployBlueGreen } from './blue-green.ts';
import { deployCanary } from './canary.ts';
import { deployImmediately } from './immediate.ts';
import { deployRolling } from './rolling.ts';

/** What a strategy needs beside the scripts: a soak is a durable wait that ends in a verdict. */
export interface StrategyTools {
  /** Watches for `soakMs`; throws when the verdict fails, so that the deployment is put back. */
  soak(soakMs: number, percent: number): Promise<void>;
}

/**
 * Brings the context's version to all the traffic of its environment, migrations included, each part verified before
 * the next. Throws at the first thing that is bad; the deployment then has everything put back.
 */
export type Strategy = (context: DeploymentContext, tools: StrategyTools) => Promise<void>;

export const STRATEGIES: Record<StrategyName, Strategy> = {
  rolling: deployRolling,
  'blue-green': deployBlueGreen,
  canary: deployCanary,
  immediate: deployImmediately,
};
