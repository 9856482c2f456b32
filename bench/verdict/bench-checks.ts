/** The five checks of the bench, with nothing but what a person must say. */

import { readChecks } from '../../src/release/verdict/checks/read-checks.ts';
import { shareErrorRate } from '../../src/release/verdict/error-rate.ts';

export const { checks: BENCH_CHECKS } = readChecks([
  { name: 'error_rate', kind: 'ratio', criticality: 'critical' },
  { name: 'latency_p95', kind: 'sample' },
  { name: 'latency_p99', kind: 'sample' },
  { name: 'saturation', kind: 'sample' },
  { name: 'orders', kind: 'count', direction: 'higher_is_better' },
]);

/** The business count's share of the error rate. */
export const BUSINESS_SHARE = shareErrorRate(BENCH_CHECKS)[BENCH_CHECKS.length - 1]!;
