/**
 * What an incident's severity means, as the mission's table says: critical goes back at once, high within a deadline,
 * medium is hotfixed if that is quick, low waits for the next release. Pure; the workflow only carries it out.
 */
import type { Severity } from '../settings.ts';
import { SEVERITIES } from '../settings.ts';

export interface SeveritySettings {
  highDeadlineMs: number;
  /** A medium incident is left to a hotfix whose estimate is at most this. */
  quickHotfixMs: number;
}

export type IncidentPlan =
  | { act: 'roll_back'; why: string }
  /** `deadlineMs` absent: it waits for a person without limit. */
  | { act: 'wait'; severity: Severity; deadlineMs?: number; asks: string[] }
  | { act: 'open_issue' };

/**
 * What to do about an incident. An unknown severity is asked for and treated as high meanwhile. Where configuration
 * says that nothing is rolled back by itself, a person decides without a deadline.
 */
export function planIncident(
  severity: Severity | undefined,
  settings: SeveritySettings,
  rollbackOnFailure: boolean,
): IncidentPlan {
  if (severity === 'low') return { act: 'open_issue' };
  if (severity === 'critical' && rollbackOnFailure) {
    return { act: 'roll_back', why: 'critical: rolled back at once' };
  }
  const deadline = (ms: number) => (rollbackOnFailure ? { deadlineMs: ms } : {});
  if (severity === 'medium') {
    return {
      act: 'wait',
      severity,
      ...deadline(settings.quickHotfixMs),
      asks: ['rollback', 'dismiss'],
    };
  }
  const asks = severity === undefined ? ['incident', 'rollback', 'dismiss'] : ['rollback', 'dismiss'];
  return { act: 'wait', severity: severity ?? 'high', ...deadline(settings.highDeadlineMs), asks };
}

/**
 * What a person's answer to a medium incident means: an estimate of the hotfix at most as long as the limit keeps the
 * version, a longer one rolls back, and a dismissal without an estimate is a dismissal.
 */
export function judgeEstimate(
  estimateMs: number | undefined,
  settings: SeveritySettings,
): 'dismissed' | 'hotfix' | 'roll_back' {
  if (estimateMs === undefined) return 'dismissed';
  return estimateMs <= settings.quickHotfixMs ? 'hotfix' : 'roll_back';
}

/** Whether `next` may replace `now`: anybody may make it worse, only a verified person may make it less bad. */
export function mayRate(now: Severity | undefined, next: Severity, verified: boolean): boolean {
  if (verified) return true;
  return SEVERITIES.indexOf(next) < SEVERITIES.indexOf(now ?? 'high');
}
