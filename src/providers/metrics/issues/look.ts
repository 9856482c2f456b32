import type { Sample } from '../../../contracts/activities.ts';
import { BASELINE_SHIFT_MS, type MetricLook, makeSample } from '../metric-source.ts';

/**
 * What customers reported: issues with the label that were opened since go-live, closed by now or not. A check that
 * compares counts those since the look before, against the same time of the day before: each issue once.
 */
export async function look(
  { issues: { label } }: { issues: { label: string } },
  at: MetricLook,
): Promise<Sample[]> {
  if (at.check.compare === 'none') {
    return [makeSample(at, { value: await at.countNewIssues({ label, since: at.deployedAt }) })];
  }
  const count = async (shiftMs: number) =>
    await at.countNewIssues({
      label,
      since: new Date(Date.parse(at.since) - shiftMs).toISOString(),
      until: new Date(at.now.getTime() - shiftMs).toISOString(),
    });
  const [now, before] = await Promise.all([count(0), count(BASELINE_SHIFT_MS)]);
  return [makeSample(at, { value: now }), makeSample(at, { value: before }, 'baseline')];
}
