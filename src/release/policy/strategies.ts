/** What is known of each strategy without running it. How it goes is a file in `workflows/deployment/strategies`. */
interface StrategyFacts {
  /** Makes the version ready in an idle slot first, so the environment must be able to move traffic. */
  usesSlots: boolean;
  /** The strategies that stand for it in a rehearsal, the best first; none: it is rehearsed as it is. */
  rehearsedAs?: readonly string[];
}

const FACTS = {
  rolling: { usesSlots: false },
  'blue-green': { usesSlots: true },
  // Nobody but QA is there to be soaked.
  canary: { usesSlots: true, rehearsedAs: ['blue-green', 'rolling'] },
  immediate: { usesSlots: false },
} as const satisfies Record<string, StrategyFacts>;

/** How a new version takes over an environment's traffic. */
export type StrategyName = keyof typeof FACTS;

export const STRATEGY_NAMES = Object.keys(FACTS) as StrategyName[];

const STRATEGY_FACTS: Readonly<Record<StrategyName, StrategyFacts>> = FACTS;

/** Whether the environment's `traffic` script is needed. */
export function usesSlots(strategy: StrategyName): boolean {
  return STRATEGY_FACTS[strategy].usesSlots;
}

/** The strategy with which staging rehearses production's: as near to it as the environment can. */
export function rehearse(strategy: StrategyName, canMoveTraffic: boolean): StrategyName {
  const choices = (STRATEGY_FACTS[strategy].rehearsedAs ?? [strategy]) as StrategyName[];
  return choices.find((choice) => canMoveTraffic || !usesSlots(choice)) ?? choices[0] ?? strategy;
}
