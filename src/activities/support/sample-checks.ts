import type { Sample, SupportActivities } from '../../contracts/activities.ts';
import { limitSignal } from '../../integrations/limit-signal.ts';
import {
  type MetricLook,
  type MetricProvider,
  missingSample,
} from '../../providers/metrics/metric-source.ts';
import { METRIC_SOURCES } from '../../providers/metrics/sources.ts';
import { nameProvider, readSection } from '../../providers/settings.ts';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import type { MonitoringCheck } from '../../release/settings.ts';
import { connectHost } from '../connect-host.ts';
import type { ActivityDeps } from '../deps.ts';
import { findEnvironment, findProduct } from '../deps.ts';
import { type LookedAt, runMetricScript } from './run-metric-script.ts';

/**
 * One look at every check of an environment, all at the same time. A source that is away or hangs gives a sample
 * without a value, which the judge counts as missing: never an error that hides the others, and never a pass.
 */
export function sampleChecks(deps: ActivityDeps): SupportActivities['sampleChecks'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const environment = findEnvironment(product, input.environment);
    const looked: LookedAt = { product, environment, input, now: new Date() };
    const looks = await Promise.all(environment.checks.map((check) => lookAt(deps, check, looked)));
    return { samples: looks.flat() };
  };
}

async function lookAt(deps: ActivityDeps, monitored: MonitoringCheck, looked: LookedAt): Promise<Sample[]> {
  const { check, source } = monitored;
  const { product, environment, input, now } = looked;
  const name = nameProvider(METRIC_SOURCES, source);
  const provider: MetricProvider = METRIC_SOURCES[name];
  const limitMs = provider.limitOf?.(source) ?? LIMITS_MS.look;
  const signal = limitSignal(limitMs, deps.signal());
  const limited = { ...deps, signal: () => signal };
  const scripts: Promise<unknown>[] = [];
  const look: MetricLook = {
    check,
    section: readSection(provider, environment.metrics ?? {}),
    slot: input.slot,
    baselineSlot: input.baselineSlot,
    since: input.since,
    deployedAt: input.deployedAt,
    now,
    signal,
    runScript: (script, slot) => {
      const running = runMetricScript(limited, looked, script, slot);
      scripts.push(running);
      return running;
    },
    countNewIssues: async (wanted) => {
      const { repository } = await connectHost(limited, product);
      if (!repository) throw new Error('no host with issues is configured');
      return await repository.countNewIssues(wanted);
    },
  };
  try {
    const looker = await provider.load();
    return await Promise.race([looker.look(source, look), giveUp(signal, limitMs)]);
  } catch (error) {
    // Called off, nobody waits for an answer, but nothing that this program started outlives what asked for it.
    if (deps.signal().aborted) await Promise.all(scripts);
    // Cancelled, hung, or a mistake of one source: the others have been looked at all the same.
    const why = error instanceof Error ? error.message : String(error);
    return [missingSample(look, why.slice(0, 300))];
  }
}

/** Whatever a source does with its signal, nobody waits longer for it. */
async function giveUp(signal: AbortSignal, limitMs: number): Promise<never> {
  return await new Promise((_, reject) => {
    const stop = () => {
      const late = (signal.reason as Error | undefined)?.name === 'TimeoutError';
      reject(new Error(late ? `no answer within ${limitMs / 1_000} s` : 'the look was called off'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
