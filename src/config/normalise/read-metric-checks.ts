/** The metric checks of an environment, read by the judge's own reader. */
import type { MetricProvider } from '../../providers/metrics/metric-source.ts';
import { METRIC_SOURCES } from '../../providers/metrics/sources.ts';
import { nameProvider } from '../../providers/settings.ts';
import type { MetricCheck } from '../../release/verdict/check.ts';
import type { CheckMistake } from '../../release/verdict/read-checks.ts';
import { readChecks } from '../../release/verdict/read-checks.ts';
import type { CheckFile } from '../schema/environment-schema.ts';

/**
 * One check for each entry, in order; or what the judge has to say against them. An entry without a kind gets
 * the one of its source: issues are counted, an address is probed, a query with requests is a ratio.
 */
export function readMetricChecks(checks: CheckFile[]): { checks: MetricCheck[]; mistakes: CheckMistake[] } {
  if (checks.length === 0) return { checks: [], mistakes: [] };
  return readChecks(
    checks.map(({ source: _source, severity: _severity, ...check }, index) => ({
      ...check,
      kind: check.kind ?? kindOfSource(checks[index]!.source),
    })),
  );
}

function kindOfSource(source: CheckFile['source']): string | undefined {
  const provider: MetricProvider = METRIC_SOURCES[nameProvider(METRIC_SOURCES, source)];
  return provider.kindOf?.(source);
}
