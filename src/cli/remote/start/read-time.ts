import { nameDuration, parseDuration } from '../../../release/duration.ts';
import { printable } from '../../../release/plan/printable.ts';
import { misuse } from '../../line/cli-problem.ts';

/** The line about `--at` in a command's help. */
export const AT_HELP = `  --at TIME            not before this time does it reach production: 2026-12-01T22:00 on this machine's clock,
                       2026-12-01T22:00Z, or a length of time from now such as 2h
`;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?$/;

/**
 * The instant that is meant, ISO 8601 in UTC; nothing where the option is not given.
 * @throws CliProblem with exit code 2 for what is no time, or is over.
 */
export function readTime(command: string, written: string | undefined, now: Date): string | undefined {
  if (written === undefined) return undefined;
  const length = parseDuration(written);
  const at = length === undefined ? readInstant(written) : now.getTime() + length;
  if (Number.isNaN(at)) {
    throw misuse(
      `${command}: --at is a time such as 2026-12-01T22:00, 2026-12-01T22:00Z or 2h, not "${printable(written.slice(0, 40))}".`,
    );
  }
  if (at <= now.getTime()) {
    throw misuse(`${command}: --at ${written} is over by ${nameDuration(now.getTime() - at)}.`);
  }
  return new Date(at).toISOString();
}

/** Says back what was understood: the time as this machine's clock will show it, and in UTC. */
export function tellTime(at: string | undefined): string {
  if (at === undefined) return '';
  const shown = new Date(at).toString().replace(/ \(.*\)$/, '');
  return `  not to production before ${at.slice(0, 16).replace('T', ' ')} UTC (${shown})\n`;
}

/** A day that is none, such as February 30, is no time either. */
function readInstant(written: string): number {
  if (!TIME.test(written)) return Number.NaN;
  const day = written.slice(0, 10);
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
  return isDay ? Date.parse(written) : Number.NaN;
}
