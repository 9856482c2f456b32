import type { Sample } from '../../contracts/activities.ts';
import type { MetricCheck } from '../../release/verdict/check.ts';
import type { Keys, ProviderSection, ProviderSettings } from '../settings.ts';

/** What a source of figures owes: one look at one check. */
export interface MetricProvider<K extends Keys = Keys, Settings extends object = object>
  extends ProviderSettings<K, Settings> {
  /** Whether it asks the product's host. */
  asksHost?: boolean;
  /**
   * Keys of a check that follow from the source where the configuration leaves them open; written as people write them,
   * and nothing is said by one that is undefined. `entry` is the check's `source`.
   */
  complete?(
    check: Readonly<Record<string, unknown>>,
    entry: Readonly<Record<string, unknown>>,
  ): Record<string, unknown>;
  /** What its figures cannot be, or what they would be taken for by mistake: the key, and what completes its sentence. */
  refuse?(check: MetricCheck): { key: string; message: string } | undefined;
  /** How long a look at it may take, in milliseconds; `LIMITS_MS.look` if not said. */
  limitOf?(settings: Settings): number;
  /** Its client, loaded by whoever looks. */
  load(): Promise<MetricLooker<NoInfer<Settings>>>;
}

export interface MetricLooker<Settings extends object = object> {
  /**
   * What is there now: the candidate's sample, and the baseline's where the check compares. A source that is away gives
   * a sample without a value, and says why; what is thrown becomes one.
   */
  look(settings: Settings, at: MetricLook): Promise<Sample[]>;
}

/** One look at one check: at what, when, and what may be used for it. */
export interface MetricLook {
  check: MetricCheck;
  /** The provider's own section of the environment. */
  section: unknown;
  /** The slot that is looked at, where there is one, and the one that it is compared with. */
  slot?: string | undefined;
  baselineSlot?: string | undefined;
  /** Time of the look before, and of the deployment (ISO 8601). */
  since: string;
  deployedAt: string;
  now: Date;
  /** Cancellation, or the end of the time for this look. */
  signal: AbortSignal;
  /** Runs a program of the product for its figures. Total: one that fails has no value, and says why. */
  runScript(script: MetricScript, slot: string | undefined): Promise<Figures>;
  /** Issues on the product's host that were opened from `since` until before `until`. */
  countNewIssues(wanted: { label: string; since: string; until?: string }): Promise<number>;
}

export interface MetricScript {
  run: [string, ...string[]];
  shell?: true;
  timeoutMs: number;
}

export type Figures = Pick<Sample, 'value' | 'requests' | 'missing'>;

/** How far back the baseline lies once there is no old slot to compare with: the same hour of the day before. */
export const BASELINE_SHIFT_MS = 24 * 3_600_000;

/** What was not seen for this long is not asked for any more: an outage of days must not become one huge query. */
const LONGEST_LOOK_MS = 3_600_000;

/**
 * Time since the look before, in whole seconds (1 to 3,600). Who counts events over just this time counts each of them
 * once; with a longer time, one burst of errors would be evidence at several looks.
 */
export function secondsOfLook({ since, now }: Pick<MetricLook, 'since' | 'now'>): number {
  const ms = now.getTime() - Date.parse(since);
  return Number.isFinite(ms) ? Math.max(1, Math.round(Math.min(ms, LONGEST_LOOK_MS) / 1_000)) : 1;
}

/** A sample of a look. */
export function makeSample(
  { check, now }: Pick<MetricLook, 'check' | 'now'>,
  figures: Figures,
  group: Sample['group'] = 'candidate',
): Sample {
  return { time: now.toISOString(), check: check.name, group, ...figures };
}

/** A sample without a value, and the sentence why: it is held against the candidate, never counted for it. */
export function missingSample(look: Pick<MetricLook, 'check' | 'now'>, missing: string): Sample {
  return makeSample(look, { value: null, missing });
}

/** Keeps a provider's own types together. */
export function defineMetricSource<
  const K extends Keys,
  Settings extends object,
  const S extends Keys = Record<never, never>,
>(
  provider: MetricProvider<K, Settings> & { section?: ProviderSection<S> },
): MetricProvider<K, Settings> & { section?: ProviderSection<S> } {
  return provider;
}
