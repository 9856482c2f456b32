import { parseDuration } from '../../../release/duration.ts';
import { printable } from '../../../release/plan/printable.ts';
import { misuse } from '../../line/cli-problem.ts';

/**
 * A length of time such as `30m`, `2h` or `1h30m`, in milliseconds.
 * @throws CliProblem with exit code 2 that names the option.
 */
export function readLength(command: string, option: string, written: string | undefined): number {
  if (written === undefined) throw misuse(`${command}: --${option} is missing, such as --${option} 30m.`);
  const length = parseDuration(written) ?? 0;
  if (length > 0) return length;
  throw misuse(
    `${command}: --${option} is a length of time such as 30m, 2h or 1h30m, not "${printable(written.slice(0, 40))}".`,
  );
}
