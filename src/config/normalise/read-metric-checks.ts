/** The metric checks of an environment, read by the judge's own reader. */
import type { MetricProvider } from '../../providers/metrics/metric-source.ts';
import { METRIC_SOURCES } from '../../providers/metrics/sources.ts';
import { nameProvider } from '../../providers/settings.ts';
import type { MetricCheck } from '../../release/verdict/check.ts';
import type { CheckMistake } from '../../release/verdict/checks/read-check.ts';
import { readChecks } from '../../release/verdict/checks/read-checks.ts';
import type { CheckFile } from '../schema/environment-schema.ts';

/**
 * One check for each entry, in order; or what the judge and the check's source have to say against them. What an entry
 * leaves open follows from its source: issues are counted, a query with requests is a ratio, an address fails or not.
 */
export function readMetricChecks(checks: CheckFile[]): { checks: MetricCheck[]; mistakes: CheckMistake[] } {
  if (checks.length === 0) return { checks: [], mistakes: [] };
  const read = readChecks(checks.map(complete));
  const refused = read.checks.flatMap((check, index): CheckMistake[] => {
    const found = providerOf(checks[index]!.source).refuse?.(check);
    return found === undefined ? [] : [{ where: `checks[${index}].${found.key}`, message: found.message }];
  });
  return refused.length === 0 ? read : { checks: [], mistakes: refused };
}

function complete({ source, severity: _severity, ...check }: CheckFile): Record<string, unknown> {
  return { ...check, ...providerOf(source).complete?.(check, source) };
}

function providerOf(source: CheckFile['source']): MetricProvider {
  return METRIC_SOURCES[nameProvider(METRIC_SOURCES, source)];
}
