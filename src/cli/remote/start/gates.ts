import { LOAD_PROFILES } from '../../../release/names.ts';
import { printable } from '../../../release/plan/printable.ts';
import { API_HELP, findApi } from '../../find-api.ts';
import { misuse } from '../../line/cli-problem.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { FLOW_HELP, readStart, startFlow } from './start-flow.ts';

const HELP = `Usage: windlass gates PRODUCT [--profile peak|baseline] [--watch]

Builds what the next release would be, and runs its quality gates on these bytes. Nothing is pushed or published.

  --profile P          how hard the load test presses; default: as the type of the release demands
${FLOW_HELP}${API_HELP}
Exit codes: 0 started (with --watch: all gates passed), 1 failed, 2 wrong use.
`;

/** `windlass gates`. */
export async function runGates(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readStart({ command: 'gates', options: ['profile'], help: HELP }, argv, context);
  if (read === undefined) return 0;
  const { product } = read;
  const { profile } = read.options;
  if (profile !== undefined && !LOAD_PROFILES.some((known) => known === profile)) {
    throw misuse(
      `gates: --profile is one of ${LOAD_PROFILES.join(', ')}, not "${printable(profile.slice(0, 40))}".`,
    );
  }
  const api = await findApi(read.options, context);
  const body = { product, ...(profile === undefined ? {} : { profile }) };
  return await startFlow(api, { path: '/v1/gates', body, product }, read.switches, context);
}
