import { printable, printableJson } from '../../../release/plan/printable.ts';
import type { ApiClient } from '../../api-client.ts';
import { API_OPTIONS } from '../../find-api.ts';
import { misuse } from '../../line/cli-problem.ts';
import type { CliContext } from '../../line/context.ts';
import { readLine } from '../../line/read-line.ts';
import { kindArgument } from '../flow-kind.ts';
import { watchRelease } from '../follow/watch.ts';
import { checkProduct } from '../product-path.ts';

/** Options of every command that starts a flow. */
export const FLOW_SWITCHES = ['watch', 'json'] as const;

/** The lines about them in a command's help. */
export const FLOW_HELP = `  --watch              follow it to its end
  --json               the API's own answer
`;

/** Refuses what contradicts itself. @throws CliProblem with exit code 2. */
export function checkFlowSwitches(command: string, switches: { watch: boolean; json: boolean }): void {
  if (switches.watch && switches.json) {
    throw misuse(`${command}: --json is the answer to the start alone; give it without --watch.`);
  }
}

/**
 * What stands behind a command that starts a flow of one product; undefined where it asks for help, which is told then.
 * @throws CliProblem with exit code 2
 */
export function readStart<Option extends string>(
  line: { command: string; options: readonly Option[]; help: string },
  argv: string[],
  context: CliContext,
) {
  const { command, options, help } = line;
  const read = readLine(argv, context, help, {
    command,
    operands: ['PRODUCT'],
    options: [...options, ...API_OPTIONS],
    switches: FLOW_SWITCHES,
  });
  if (!read) return undefined;
  const [product = ''] = read.operands;
  checkProduct(product);
  checkFlowSwitches(command, read.switches);
  return { product, options: read.options, switches: read.switches };
}

/** What the API answers when it has started a flow. */
export interface Started {
  kind: string;
  releaseId: string;
  url: string;
}

/** Asks the API to start a flow, says what was started, and follows it if that is wanted. */
export async function startFlow(
  api: ApiClient,
  flow: { path: string; body: object; product: string },
  switches: { watch: boolean; json: boolean },
  context: CliContext,
): Promise<number> {
  const started = await api.post<Started>(flow.path, flow.body);
  return await tellStarted(api, flow.product, started, switches, context);
}

/** Says what was started: 0, or with `watch` how it ended. */
export async function tellStarted(
  api: ApiClient,
  product: string,
  started: Started,
  switches: { watch: boolean; json: boolean },
  context: CliContext,
): Promise<number> {
  if (switches.json) {
    context.write(`${printableJson(started)}\n`);
    return 0;
  }
  const kind = printable(started.kind);
  context.write(
    `Started: ${kind.replace('-', ' to ')} of ${product}, as ${printable(started.releaseId)}.\n` +
      `  page:   ${printable(started.url)}\n` +
      `  follow: windlass watch ${product}${kindArgument(kind)}\n`,
  );
  if (!switches.watch) return 0;
  const { releaseId } = started;
  return await watchRelease({ api, product, kind: started.kind, releaseId, context });
}
