import type { PreflightFinding } from '../../contracts/preflight.ts';
import type { EnvironmentSettings } from '../../release/settings.ts';
import { sampleChecks } from '../support/sample-checks.ts';
import type { Look, LookedAt } from './look.ts';

/**
 * Does every check that monitoring goes by answer now? One without an answer after go-live counts as missing, never as
 * a pass. It is only a warning here: some figures are there only once the version is.
 */
export const lookAtMetrics: Look = async (at) => {
  const watched = at.product.environments.filter(({ checks }) => checks.length > 0);
  return (await Promise.all(watched.map((environment) => lookAtChecks(at, environment)))).flat();
};

async function lookAtChecks(
  { deps, product, now }: LookedAt,
  environment: EnvironmentSettings,
): Promise<PreflightFinding[]> {
  const time = now.toISOString();
  const since = new Date(now.getTime() - 60_000).toISOString();
  const { samples } = await sampleChecks(deps)({
    product: product.name,
    releaseId: 'preflight',
    environment: environment.name,
    since,
    deployedAt: time,
  });
  return environment.checks.map(({ check }): PreflightFinding => {
    const subject = `metric ${check.name} of ${environment.name}`;
    const mine = samples.filter((sample) => sample.check === check.name && sample.group === 'candidate');
    const value = mine.find((sample) => sample.value !== null)?.value;
    if (value !== undefined) return { subject, state: 'ok', found: `answers ${value}` };
    return {
      subject,
      state: 'warning',
      found: mine.find(({ missing }) => missing !== undefined)?.missing ?? 'gave no value',
      advice: 'mend its source, or its query; without an answer it never counts as passed',
    };
  });
}
