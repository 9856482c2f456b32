import type { Sample, SupportActivities } from '../../contracts/activities.ts';
import { probe } from '../../providers/metrics/http/http-probe.ts';
import type { MonitoringCheck } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { findEnvironment, findProduct } from '../deps.ts';
import type { Look } from './look.ts';
import { missingSample } from './look.ts';
import { lookAtIssues } from './look-at-issues.ts';
import { lookAtPrometheus } from './look-at-prometheus.ts';
import { runMetricScript } from './run-metric-script.ts';

/**
 * One look at every check of an environment. A source that is away gives a sample without a value, which the judge
 * counts as missing: never an error that hides the others, and never a pass.
 */
export function sampleChecks(deps: ActivityDeps): SupportActivities['sampleChecks'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const environment = findEnvironment(product, input.environment);
    const look: Look = { product, environment, input, now: new Date() };
    const looks = await Promise.all(environment.checks.map((check) => lookAt(deps, check, look)));
    return { samples: looks.flat() };
  };
}

async function lookAt(deps: ActivityDeps, monitored: MonitoringCheck, look: Look): Promise<Sample[]> {
  const { source } = monitored;
  try {
    if ('http' in source) return [await lookByProbes(deps, monitored, source.http, look)];
    if ('prometheus' in source) return await lookAtPrometheus(deps, monitored, source.prometheus, look);
    if ('script' in source) return await lookByScript(deps, monitored, source.script, look);
    return await lookAtIssues(deps, monitored, source.issues, look);
  } catch (error) {
    // Cancelled, or a mistake of one source: the others have been looked at all the same.
    const why = error instanceof Error ? error.message : String(error);
    return [missingSample(monitored, look, why.slice(0, 300))];
  }
}

/**
 * Requests of one look. A ratio is judged on its counts: a single failed request is no proof of any limit above 5 %,
 * five of five are one of every limit up to 50 %.
 */
const PROBES = 5;

/**
 * A ratio is the share of bad answers in per cent, or of good ones where higher is better. A sample is the share of
 * good ones from 0 to 1 where higher is better (what a probe is unless configuration says otherwise), else the time of
 * the slowest in milliseconds. A refused connection is a bad answer.
 */
async function lookByProbes(
  deps: ActivityDeps,
  { check }: MonitoringCheck,
  { url, expectStatus }: { url: string; expectStatus?: number },
  { now }: Look,
): Promise<Sample> {
  const about = { time: now.toISOString(), check: check.name, group: 'candidate' as const };
  const seen = await Promise.all(
    Array.from({ length: PROBES }, () =>
      probe({
        url,
        timeoutMs: 10_000,
        ...(expectStatus === undefined ? {} : { expectStatus }),
        signal: deps.signal(),
      }),
    ),
  );
  const failed = seen.filter((one) => 'missing' in one || !one.ok).length;
  if (check.kind === 'ratio') {
    const counted = check.direction === 'higher_is_better' ? PROBES - failed : failed;
    return { ...about, value: (100 * counted) / PROBES, requests: PROBES };
  }
  if (check.direction === 'higher_is_better') return { ...about, value: 1 - failed / PROBES };
  const times = seen.flatMap((one) => ('missing' in one ? [] : [one.ms]));
  return { ...about, value: times.length === 0 ? null : Math.max(...times) };
}

async function lookByScript(
  deps: ActivityDeps,
  monitored: MonitoringCheck,
  script: { run: [string, ...string[]]; timeoutMs: number },
  look: Look,
): Promise<Sample[]> {
  const { check } = monitored;
  const ask = async (group: Sample['group'], slot: string | undefined): Promise<Sample> => {
    const figures = await runMetricScript(deps, look, script, slot);
    return { time: look.now.toISOString(), check: check.name, group, ...figures };
  };
  const candidate = await ask('candidate', look.input.slot);
  if (check.compare === 'none' || look.input.baselineSlot === undefined) return [candidate];
  return [candidate, await ask('baseline', look.input.baselineSlot)];
}
