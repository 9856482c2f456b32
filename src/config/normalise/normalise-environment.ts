/** An environment as the release rules see it. */

import { METRIC_SOURCES } from '../../providers/metrics/sources.ts';
import { type Places, readEntry, readSections } from '../../providers/settings.ts';
import type { EnvironmentKind } from '../../release/names.ts';
import { SCRIPT_TIMEOUTS_MS } from '../../release/policy/default-times.ts';
import type {
  EnvironmentScriptName,
  EnvironmentSettings,
  MetricSource,
  ProductScriptName,
  ScriptSettings,
} from '../../release/settings.ts';
import type { EnvironmentFile } from '../schema/environment-schema.ts';
import type { ScriptFile } from '../schema/script-schema.ts';
import { readScript } from '../schema/script-schema.ts';
import { compact, withoutSlash } from './paths.ts';
import { readMetricChecks } from './read-metric-checks.ts';

/** What an environment is for: what it says, else what its name says. */
export function kindOf(name: string, environment: EnvironmentFile): EnvironmentKind | undefined {
  if (environment.kind !== undefined) return environment.kind;
  return name === 'staging' || name === 'production' ? name : undefined;
}

/** The scripts that are configured, each with its own default limit. */
export function normaliseScripts<N extends ProductScriptName | EnvironmentScriptName>(
  scripts: Partial<Record<N, ScriptFile | undefined>>,
): Partial<Record<N, ScriptSettings>> {
  const configured = Object.entries(scripts) as [N, ScriptFile | undefined][];
  const settings = configured.flatMap(([name, script]) =>
    script === undefined ? [] : [[name, readScript(script, SCRIPT_TIMEOUTS_MS[name])]],
  );
  return Object.fromEntries(settings) as Partial<Record<N, ScriptSettings>>;
}

/** A share is rounded down, so that never more are away than was said, but at least one is replaced. */
function countBatch(batch: number | string, instances: number): number {
  const wanted =
    typeof batch === 'number' ? batch : Math.floor((instances * Number.parseInt(batch, 10)) / 100);
  return Math.min(instances, Math.max(1, wanted));
}

/** Renames and completes one environment; the product's variables come first, its own win. */
export function normaliseEnvironment(
  name: string,
  environment: EnvironmentFile,
  productVariables: Record<string, string>,
  places: Places,
): EnvironmentSettings {
  const checks = readMetricChecks(environment.checks).checks.map((check, index) => ({
    check,
    source: readEntry(METRIC_SOURCES, environment.checks[index]!.source, places) as MetricSource,
    severity: environment.checks[index]!.severity,
  }));
  return {
    name,
    kind: kindOf(name, environment) ?? 'production',
    ...compact({ wave: environment.wave }),
    url: withoutSlash(environment.url),
    scripts: normaliseScripts(environment.scripts),
    variables: { ...productVariables, ...environment.variables },
    secrets: environment.secrets,
    instances: environment.instances,
    rollingBatch: countBatch(environment.rolling.batch, environment.instances),
    checks,
    metrics: readSections(METRIC_SOURCES, environment),
    freezes: environment.freezes.map(({ time_zone, ...freeze }) =>
      compact({ ...freeze, timeZone: time_zone }),
    ),
    windows: environment.deploy_windows.map(({ time_zone, ...window }) =>
      compact({ ...window, timeZone: time_zone }),
    ),
    restoreDatabase: environment.restore_database,
    canary: { steps: environment.canary.map(({ percent, soak }) => ({ percent, soakMs: soak })) },
  };
}
