/** Calendars: freezes end after they begin, and a schedule's anchor is on its day. */
import { DAYS } from '../../release/names.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { kindOf } from '../normalise/normalise-environment.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** Reports spans of time that cannot be, in schedules and freezes. */
export function checkTimes({ config }: RuleInput): RuleFinding[] {
  const findings: RuleFinding[] = [];
  const at = 'value' as const;
  for (const [name, { schedule, environments }] of Object.entries(config.products)) {
    if (schedule !== undefined) {
      const day = DAYS[new Date(`${schedule.anchor}T00:00:00Z`).getUTCDay()]!;
      if (day !== schedule.day) {
        const path = ['products', name, 'schedule', 'anchor'];
        const about = [['products', name, 'schedule', 'day']];
        findings.push({
          path,
          at,
          expected: `a ${schedule.day}, as day says`,
          found: `${schedule.anchor}, a ${day}`,
          about,
        });
      }
    }
    for (const [environment, settings] of Object.entries(environments)) {
      const path: ConfigPath = ['products', name, 'environments', environment];
      settings.freezes.forEach((freeze, index) => {
        findings.push(...checkSpan(freeze, 'freeze', [...path, 'freezes', index]));
        const { weekly } = freeze;
        if (weekly !== undefined && weekly.until <= weekly.from) {
          const expected = `later than ${weekly.from} on the same day; a night is two entries`;
          const found = weekly.until;
          findings.push({ path: [...path, 'freezes', index, 'weekly', 'until'], at, expected, found });
        }
      });
      settings.deploy_windows.forEach((window, index) => {
        findings.push(...checkSpan(window, 'window', [...path, 'deploy_windows', index]));
      });
      if (settings.deploy_windows.length > 0 && kindOf(environment, settings) === 'staging') {
        const expected = 'no such key: windows are for production';
        findings.push({ path: [...path, 'deploy_windows'], at: 'key', expected, found: 'deploy_windows' });
      }
    }
  }
  return findings;
}

function checkSpan(
  { from, until, weekly }: { from?: string | undefined; until?: string | undefined; weekly?: unknown },
  what: string,
  path: ConfigPath,
): RuleFinding[] {
  if (weekly !== undefined && until !== undefined) {
    const expected = 'either weekly, or from and until';
    return [{ path: [...path, 'until'], at: 'key', expected, found: 'both' }];
  }
  if (from === undefined) return [];
  if (until === undefined) {
    return [{ path, at: 'value', expected: `until, the end of the ${what}`, found: 'only from' }];
  }
  if (until > from) return [];
  return [{ path: [...path, 'until'], at: 'value', expected: `later than ${from}`, found: until }];
}
