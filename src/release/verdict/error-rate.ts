/**
 * How the error rate of the whole verdict is shared among its checks (weighted Bonferroni: the union bound holds
 * for any dependence between checks, and errors and latencies depend on each other a great deal).
 */
import type { CheckKind, MetricCheck } from './check.ts';

/**
 * Highest chance, over a whole window however long, that a healthy candidate fails by comparison. What is promised is
 * 1 %; the tests of counts spend what they are given nearly to the last, so that room is left for what real traffic
 * has and their model has not.
 */
export const ERROR_RATE = 0.007;

/**
 * Counts are starved of information and get most of the budget. Samples are compared with a margin for the hosts'
 * own noise, and lose little by a higher bar: evidence for a real change of theirs grows by several nats a minute.
 */
const KIND_WEIGHT: Record<CheckKind, number> = { ratio: 5, count: 3, sample: 1 };

function weightOf(check: MetricCheck): number {
  if (check.compare === 'none') return 0;
  return KIND_WEIGHT[check.kind] * (check.criticality === 'critical' ? 2 : 1);
}

/**
 * The error rate of each check, in the order given. Those that can fail the verdict sum to `errorRate`; an advisory
 * check gets what it would get if it were one of them.
 */
export function shareErrorRate(checks: readonly MetricCheck[], errorRate = ERROR_RATE): number[] {
  const deciding = checks
    .filter((check) => check.criticality !== 'advisory')
    .reduce((sum, check) => sum + weightOf(check), 0);
  return checks.map((check) => {
    const weight = weightOf(check);
    const total = check.criticality === 'advisory' ? deciding + weight : deciding;
    return total > 0 ? (errorRate * weight) / total : 0;
  });
}
