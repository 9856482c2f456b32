import type { Sample } from '../../contracts/activities.ts';
import { queryRange } from '../../providers/metrics/prometheus/prometheus.ts';
import type { MonitoringCheck } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { BASELINE_SHIFT_MS, type Look, missingSample, secondsOfLook } from './look.ts';

/**
 * The value of a check's query now, and of the baseline: beside a canary the old slot at the same time, afterwards the
 * same hour of the day before.
 */
export async function lookAtPrometheus(
  deps: ActivityDeps,
  monitored: MonitoringCheck,
  source: { query: string; requests?: string },
  look: Look,
): Promise<Sample[]> {
  const { check } = monitored;
  const { input, now, environment } = look;
  const url = environment.prometheusUrl;
  if (url === undefined) return [missingSample(monitored, look, 'no Prometheus is configured')];
  const ask = async (query: string, at: Date) => {
    const answer = await queryRange({
      url,
      query,
      start: at,
      end: at,
      stepSeconds: 1,
      signal: deps.signal(),
    });
    if ('missing' in answer) return { value: null, missing: answer.missing };
    const value = answer.points.at(-1)?.value ?? null;
    return value === null ? { value, missing: 'Prometheus answers NaN: nothing was counted' } : { value };
  };
  const sample = async (group: Sample['group'], slot: string | undefined, at: Date): Promise<Sample> => {
    const found = await ask(fill(source.query, slot, look), at);
    const counted =
      source.requests === undefined ? undefined : await ask(fill(source.requests, slot, look), at);
    return {
      time: now.toISOString(),
      check: check.name,
      group,
      ...found,
      ...(counted === undefined || counted.value === null ? {} : { requests: Math.round(counted.value) }),
    };
  };
  const candidate = await sample('candidate', input.slot, now);
  if (check.compare === 'none') return [candidate];
  const baseline =
    input.baselineSlot === undefined
      ? await sample('baseline', undefined, new Date(now.getTime() - BASELINE_SHIFT_MS))
      : await sample('baseline', input.baselineSlot, now);
  return [candidate, baseline];
}

/**
 * `{slot}` is the slot that is looked at (all of them where there is none), `{window}` the time since the look before,
 * such as `60s`. Slots are `blue` and `green`: nothing from outside gets into a query.
 */
function fill(query: string, slot: string | undefined, look: Look): string {
  return query
    .replaceAll('{slot}', slot === 'blue' || slot === 'green' ? slot : '.*')
    .replaceAll('{window}', `${secondsOfLook(look)}s`);
}
