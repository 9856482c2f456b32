import { API_HELP, findApi } from '../../find-api.ts';
import { misuse } from '../../line/cli-problem.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { readLength } from './read-length.ts';
import { FLOW_HELP, readStart, startFlow } from './start-flow.ts';

const HELP = `Usage: windlass monitor PRODUCT --for LENGTH [--watch]

Watches production for as long as asked, with the checks and verdicts of a release. It reports and changes nothing.

  --for LENGTH         such as 30m, 2h or 1h30m; at most 30 days
${FLOW_HELP}${API_HELP}
Exit codes: 0 started (with --watch: all was well), 1 failed, 2 wrong use.
`;

const LONGEST_MS = 30 * 24 * 3_600_000;

/** `windlass monitor`. */
export async function runMonitor(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readStart({ command: 'monitor', options: ['for'], help: HELP }, argv, context);
  if (read === undefined) return 0;
  const { product } = read;
  const windowMs = readLength('monitor', 'for', read.options.for);
  if (windowMs > LONGEST_MS) throw misuse('monitor: --for is at most 30 days.');
  const api = await findApi(read.options, context);
  const flow = { path: '/v1/monitorings', body: { product, windowMs }, product };
  return await startFlow(api, flow, read.switches, context);
}
