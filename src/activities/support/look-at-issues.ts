import type { Sample } from '../../contracts/activities.ts';
import type { MonitoringCheck } from '../../release/settings.ts';
import { connectHost } from '../connect-host.ts';
import type { ActivityDeps } from '../deps.ts';
import { BASELINE_SHIFT_MS, type Look, missingSample } from './look.ts';

/**
 * What customers reported: issues with the label that were opened since go-live, closed by now or not. A check that
 * compares counts those since the look before, against the same time of the day before: each issue once.
 */
export async function lookAtIssues(
  deps: ActivityDeps,
  monitored: MonitoringCheck,
  { label }: { label: string },
  look: Look,
): Promise<Sample[]> {
  const { check } = monitored;
  const { input, now, product } = look;
  const { repository } = await connectHost(deps, product);
  if (!repository) return [missingSample(monitored, look, 'no host with issues is configured')];
  const about = { time: now.toISOString(), check: check.name };
  if (check.compare === 'none') {
    const value = await repository.countNewIssues({ label, since: input.deployedAt });
    return [{ ...about, group: 'candidate', value }];
  }
  const count = async (shiftMs: number) =>
    await repository.countNewIssues({
      label,
      since: new Date(Date.parse(input.since) - shiftMs).toISOString(),
      until: new Date(now.getTime() - shiftMs).toISOString(),
    });
  return [
    { ...about, group: 'candidate', value: await count(0) },
    { ...about, group: 'baseline', value: await count(BASELINE_SHIFT_MS) },
  ];
}
