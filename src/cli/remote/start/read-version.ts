import { printable } from '../../../release/plan/printable.ts';
import { misuse } from '../../line/cli-problem.ts';

/** An exact version. @throws CliProblem with exit code 2; `where` says what it was given for. */
export function readVersion(where: string, written: string): string {
  if (/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(written)) return written;
  throw misuse(`${where} is a version such as 1.4.0, not "${printable(written.slice(0, 40))}".`);
}
