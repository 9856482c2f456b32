import { FLOW_KIND, FLOW_KINDS } from '../../release/names.ts';
import { printable } from '../../release/plan/printable.ts';
import { misuse } from '../line/cli-problem.ts';
import { unknownName } from '../line/unknown-name.ts';

/** The line about `--kind` in the help of commands that follow or steer a flow. */
export const KIND_HELP = `  --kind K             which flow: release (default), hotfix, rollback, monitoring, gates,
                       or deployment-ENVIRONMENT
`;

/** The line about `--nothing-exit`, as `windlass plan` has it. */
export const NOTHING_HELP = `  --nothing-exit CODE  exit with this code where nothing called for a release (default: 0)
`;

/** What `--nothing-exit` says; 0 where nothing is said. @throws CliProblem for what is no exit code. */
export function readNothingExit(command: string, written: string | undefined): number {
  if (written === undefined) return 0;
  if (/^\d{1,3}$/.test(written) && Number(written) <= 255) return Number(written);
  throw misuse(
    `${command}: --nothing-exit is a number from 0 to 255, not "${printable(written.slice(0, 40))}".`,
  );
}

/** What `--kind` says; a release where nothing is said. @throws CliProblem for a kind that cannot be. */
export function readKind(command: string, written: string | undefined): string {
  if (written === undefined) return 'release';
  if (FLOW_KIND.test(written)) return written;
  throw misuse(`${command}: ${unknownName('kind', written, [...FLOW_KINDS, 'deployment-ENVIRONMENT'])}`);
}

/** How a flow of this kind ends when all went well. */
export function goodOutcomeOf(kind: string): string {
  if (kind === 'rollback') return 'rolled_back';
  return kind === 'release' || kind === 'hotfix' ? 'released' : 'completed';
}

/** What follows the product in a command about a flow of this kind. */
export function kindArgument(kind: string): string {
  return kind === 'release' ? '' : ` --kind ${kind}`;
}
