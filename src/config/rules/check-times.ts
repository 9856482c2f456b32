/** Calendars: freezes end after they begin, and a schedule's anchor is on its day. */
import type { ConfigPath } from '../mistakes/mistake.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

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
    for (const [environment, { freezes }] of Object.entries(environments)) {
      freezes.forEach(({ from, until, weekly }, index) => {
        const path: ConfigPath = ['products', name, 'environments', environment, 'freezes', index];
        if (from !== undefined && until === undefined) {
          findings.push({ path, at, expected: 'until, the end of the freeze', found: 'only from' });
        } else if (from !== undefined && until! <= from) {
          findings.push({ path: [...path, 'until'], at, expected: `later than ${from}`, found: until! });
        }
        if (weekly !== undefined && until !== undefined) {
          findings.push({
            path: [...path, 'until'],
            at: 'key',
            expected: 'either weekly, or from and until',
            found: 'both',
          });
        }
        if (weekly !== undefined && weekly.until <= weekly.from) {
          const expected = `later than ${weekly.from} on the same day; a night is two entries`;
          findings.push({ path: [...path, 'weekly', 'until'], at, expected, found: weekly.until });
        }
      });
    }
  }
  return findings;
}
