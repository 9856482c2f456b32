import type { Sample, SupportActivities } from '../../contracts/activities.ts';
import { probe } from '../../integrations/metrics/http-probe.ts';
import { queryRange } from '../../integrations/metrics/prometheus.ts';
import type { EnvironmentSettings, MonitoringCheck } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { findEnvironment, findProduct } from '../deps.ts';
import { runMetricScript } from './run-metric-script.ts';

type SampleInput = Parameters<SupportActivities['sampleChecks']>[0];

/** How far back the baseline lies once there is no old slot to compare with: the same hour of the day before. */
const BASELINE_SHIFT_MS = 24 * 3_600_000;

/**
 * One look at every check of an environment. A source that is away gives a sample without a value, which the judge
 * counts as missing: never an error that hides the others, and never a pass.
 */
export function sampleChecks(deps: ActivityDeps): SupportActivities['sampleChecks'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const environment = findEnvironment(product, input.environment);
    const looks = await Promise.all(environment.checks.map((check) => look(deps, environment, check, input)));
    return { samples: looks.flat() };
  };
}

async function look(
  deps: ActivityDeps,
  environment: EnvironmentSettings,
  monitored: MonitoringCheck,
  input: SampleInput,
): Promise<Sample[]> {
  const { check, source } = monitored;
  const now = new Date();
  if ('http' in source) return [await lookByProbes(deps, monitored, now)];
  if ('prometheus' in source) return await lookAtPrometheus(deps, environment, monitored, input, now);
  if ('script' in source) return await lookByScript(deps, environment, monitored, input, now);
  return [
    {
      time: now.toISOString(),
      check: check.name,
      group: 'candidate',
      value: null,
      missing: 'no host is asked yet',
    },
  ];
}

/**
 * Requests of one look. A ratio is judged on its counts: a single failed request is no proof of any limit above 5 %,
 * five of five are one of every limit up to 50 %.
 */
const PROBES = 5;

/** Share of failed requests in per cent, or the slowest one's time. Refused is a failure too. */
async function lookByProbes(deps: ActivityDeps, monitored: MonitoringCheck, now: Date): Promise<Sample> {
  const { check, source } = monitored;
  const about = { time: now.toISOString(), check: check.name, group: 'candidate' as const };
  if (!('http' in source)) return { ...about, value: null };
  const { url, expectStatus } = source.http;
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
  if (check.kind === 'ratio') {
    const failed = seen.filter((one) => 'missing' in one || !one.ok).length;
    return { ...about, value: (100 * failed) / PROBES, requests: PROBES };
  }
  const times = seen.flatMap((one) => ('missing' in one ? [] : [one.ms]));
  return { ...about, value: times.length === 0 ? null : Math.max(...times) };
}

async function lookAtPrometheus(
  deps: ActivityDeps,
  environment: EnvironmentSettings,
  monitored: MonitoringCheck,
  input: SampleInput,
  now: Date,
): Promise<Sample[]> {
  const { check, source } = monitored;
  if (!('prometheus' in source) || environment.prometheusUrl === undefined) {
    return [
      {
        time: now.toISOString(),
        check: check.name,
        group: 'candidate',
        value: null,
        missing: 'no Prometheus is configured',
      },
    ];
  }
  const url = environment.prometheusUrl;
  const ask = async (query: string, at: Date): Promise<number | null> => {
    const answer = await queryRange({
      url,
      query,
      start: at,
      end: at,
      stepSeconds: 1,
      signal: deps.signal(),
    });
    return 'missing' in answer ? null : (answer.points.at(-1)?.value ?? null);
  };
  const sample = async (group: Sample['group'], slot: string | undefined, at: Date): Promise<Sample> => {
    const value = await ask(fill(source.prometheus.query, slot), at);
    const counted = source.prometheus.requests;
    const requests = counted === undefined ? null : await ask(fill(counted, slot), at);
    return {
      time: now.toISOString(),
      check: check.name,
      group,
      value,
      ...(requests === null ? {} : { requests: Math.round(requests) }),
    };
  };
  const candidate = await sample('candidate', input.slot, now);
  if (check.compare === 'none') return [candidate];
  // Beside a canary the old slot answers at the same time; afterwards the same hour of the day before does.
  const baseline =
    input.baselineSlot === undefined
      ? await sample('baseline', undefined, new Date(now.getTime() - BASELINE_SHIFT_MS))
      : await sample('baseline', input.baselineSlot, now);
  return [candidate, baseline];
}

/** `{slot}` in a query is the slot that is looked at. Slots are `blue` and `green`: nothing from outside. */
function fill(query: string, slot: string | undefined): string {
  return query.replaceAll('{slot}', slot === 'blue' || slot === 'green' ? slot : '.*');
}

async function lookByScript(
  deps: ActivityDeps,
  environment: EnvironmentSettings,
  monitored: MonitoringCheck,
  input: SampleInput,
  now: Date,
): Promise<Sample[]> {
  const { check, source } = monitored;
  if (!('script' in source)) return [];
  const ask = (slot: string | undefined) =>
    runMetricScript(deps, environment, source.script, { ...input, slot });
  const toSample = (
    group: Sample['group'],
    figures: { value: number | null; requests?: number },
  ): Sample => ({
    time: now.toISOString(),
    check: check.name,
    group,
    ...figures,
  });
  const candidate = toSample('candidate', await ask(input.slot));
  if (check.compare === 'none' || input.baselineSlot === undefined) return [candidate];
  return [candidate, toSample('baseline', await ask(input.baselineSlot))];
}
