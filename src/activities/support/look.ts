import type { Sample, SupportActivities } from '../../contracts/activities.ts';
import type { EnvironmentSettings, MonitoringCheck, ProductSettings } from '../../release/settings.ts';

/** One look at the checks of an environment: who looks, at what, and when. */
export interface Look {
  product: ProductSettings;
  environment: EnvironmentSettings;
  input: Parameters<SupportActivities['sampleChecks']>[0];
  now: Date;
}

/** How far back the baseline lies once there is no old slot to compare with: the same hour of the day before. */
export const BASELINE_SHIFT_MS = 24 * 3_600_000;

/** What was not seen for this long is not asked for any more: an outage of days must not become one huge query. */
const LONGEST_LOOK_MS = 3_600_000;

/**
 * Time since the look before, in whole seconds (1 to 3,600). Who counts events over just this time counts each of them
 * once; with a longer time, one burst of errors would be evidence at several looks.
 */
export function secondsOfLook({ input, now }: Look): number {
  const ms = now.getTime() - Date.parse(input.since);
  return Number.isFinite(ms) ? Math.max(1, Math.round(Math.min(ms, LONGEST_LOOK_MS) / 1_000)) : 1;
}

/** A sample without a value, and the sentence why: it is held against the candidate, never counted for it. */
export function missingSample(
  { check }: MonitoringCheck,
  { now }: Look,
  missing: string,
  group: Sample['group'] = 'candidate',
): Sample {
  return { time: now.toISOString(), check: check.name, group, value: null, missing };
}
