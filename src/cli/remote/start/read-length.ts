import { printable } from '../../../release/plan/printable.ts';
import { misuse } from '../../line/cli-problem.ts';

const MINUTE_MS = 60_000;

/**
 * A length of time such as `30m`, `2h` or `1h30m`, in milliseconds.
 * @throws CliProblem with exit code 2 that names the option.
 */
export function readLength(command: string, option: string, written: string | undefined): number {
  if (written === undefined) throw misuse(`${command}: --${option} is missing, such as --${option} 30m.`);
  const parts = /^(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(written);
  const [, d = '0', h = '0', m = '0', s = '0'] = parts ?? [];
  const length = ((Number(d) * 24 + Number(h)) * 60 + Number(m)) * MINUTE_MS + Number(s) * 1_000;
  if (length > 0) return length;
  throw misuse(
    `${command}: --${option} is a length of time such as 30m, 2h or 1h30m, not "${printable(written.slice(0, 40))}".`,
  );
}
