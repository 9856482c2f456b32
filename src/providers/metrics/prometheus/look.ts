import type { Sample } from '../../../contracts/activities.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import {
  BASELINE_SHIFT_MS,
  type Figures,
  type MetricLook,
  makeSample,
  missingSample,
  secondsOfLook,
} from '../metric-source.ts';
import { queryRange } from './prometheus.ts';
import type { PrometheusSection } from './settings.ts';

/**
 * The value of a check's query now, and of the baseline: beside a canary the old slot at the same time, afterwards the
 * same hour of the day before. All is asked at the same time.
 */
export async function look(
  { prometheus: { query, requests } }: { prometheus: { query: string; requests?: string } },
  at: MetricLook,
): Promise<Sample[]> {
  const { url } = (at.section as PrometheusSection) ?? {};
  if (url === undefined) return [missingSample(at, 'no Prometheus is configured')];
  const ask = async (text: string, slot: string | undefined, time: Date): Promise<Figures> => {
    const answer = await queryRange({
      url,
      query: fill(text, slot, at),
      start: time,
      end: time,
      stepSeconds: 1,
      signal: at.signal,
      timeoutMs: LIMITS_MS.question,
    });
    if ('missing' in answer) return { value: null, missing: answer.missing };
    const value = answer.points.at(-1)?.value ?? null;
    return value === null ? { value, missing: 'Prometheus answers NaN: nothing was counted' } : { value };
  };
  const sample = async (group: Sample['group'], slot: string | undefined, time: Date): Promise<Sample> => {
    const [found, counted] = await Promise.all([
      ask(query, slot, time),
      requests === undefined ? undefined : ask(requests, slot, time),
    ]);
    const count = counted?.value ?? null;
    return makeSample(at, { ...found, ...(count === null ? {} : { requests: Math.round(count) }) }, group);
  };
  const candidate = sample('candidate', at.slot, at.now);
  if (at.check.compare === 'none') return [await candidate];
  const baseline =
    at.baselineSlot === undefined
      ? sample('baseline', undefined, new Date(at.now.getTime() - BASELINE_SHIFT_MS))
      : sample('baseline', at.baselineSlot, at.now);
  return await Promise.all([candidate, baseline]);
}

/**
 * `{slot}` is the slot that is looked at (all of them where there is none), `{window}` the time since the look before,
 * such as `60s`. Slots are `blue` and `green`: nothing from outside gets into a query.
 */
function fill(query: string, slot: string | undefined, at: MetricLook): string {
  return query
    .replaceAll('{slot}', slot === 'blue' || slot === 'green' ? slot : '.*')
    .replaceAll('{window}', `${secondsOfLook(at)}s`);
}
