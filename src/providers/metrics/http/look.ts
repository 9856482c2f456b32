import type { Sample } from '../../../contracts/activities.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { type MetricLook, makeSample } from '../metric-source.ts';
import { probe } from './http-probe.ts';

/**
 * Requests of one look. A ratio is judged on its counts: a single failed request is no proof of any limit above 5 %,
 * five of five are one of every limit up to 50 %.
 */
const PROBES = 5;

/**
 * A ratio (what an address is unless configuration says otherwise) is the share of bad answers in per cent, or of good
 * ones where higher is better. A sample is the time of the slowest in milliseconds, or where higher is better (a probe)
 * the share of good ones from 0 to 1. A refused connection is a bad answer.
 */
export async function look(
  { http }: { http: { url: string; expectStatus?: number } },
  at: MetricLook,
): Promise<Sample[]> {
  const request = { ...http, timeoutMs: LIMITS_MS.question, signal: at.signal };
  const seen = await Promise.all(Array.from({ length: PROBES }, () => probe(request)));
  const failed = seen.filter((one) => 'missing' in one || !one.ok).length;
  const higherIsBetter = at.check.direction === 'higher_is_better';
  if (at.check.kind === 'ratio') {
    const counted = higherIsBetter ? PROBES - failed : failed;
    return [makeSample(at, { value: (100 * counted) / PROBES, requests: PROBES })];
  }
  if (higherIsBetter) return [makeSample(at, { value: 1 - failed / PROBES })];
  const times = seen.flatMap((one) => ('missing' in one ? [] : [one.ms]));
  return [makeSample(at, { value: times.length === 0 ? null : Math.max(...times) })];
}
