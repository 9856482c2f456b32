import { STRATEGY_NAMES } from '../../../release/policy/strategies.ts';
import { API_HELP, API_OPTIONS, findApi } from '../../find-api.ts';
import { misuse } from '../../line/cli-problem.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { readLine } from '../../line/read-line.ts';
import { unknownName } from '../../line/unknown-name.ts';
import { checkProduct } from '../product-path.ts';
import { AT_HELP, readTime } from './read-time.ts';
import { readVersion } from './read-version.ts';
import { checkFlowSwitches, FLOW_HELP, FLOW_SWITCHES, startFlow } from './start-flow.ts';

const HELP = `Usage: windlass deploy PRODUCT VERSION --environment E [--strategy S] [--at TIME] [--watch]

Deploys a version that is released already: with the same lease, approvals, freezes, windows, monitoring and rollback as a
release. Its bytes come from the registry, by the digest that the registry states.

  --environment E      such as staging or production
  --strategy S         ${STRATEGY_NAMES.join(', ')}; default: as the version's type demands
${AT_HELP}${FLOW_HELP}${API_HELP}
Exit codes: 0 started (with --watch: deployed), 1 failed, 2 wrong use.
`;

/** `windlass deploy`. */
export async function runDeploy(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'deploy',
    operands: ['PRODUCT', 'VERSION'],
    options: ['environment', 'strategy', 'at', ...API_OPTIONS],
    switches: FLOW_SWITCHES,
  });
  if (!read) return 0;
  const [product = '', written = ''] = read.operands;
  const { environment, strategy } = read.options;
  checkProduct(product);
  const version = readVersion('deploy: VERSION', written);
  checkFlowSwitches('deploy', read.switches);
  if (environment === undefined) {
    throw misuse('deploy: --environment is missing, such as --environment staging.');
  }
  if (strategy !== undefined && !(STRATEGY_NAMES as readonly string[]).includes(strategy)) {
    throw misuse(`deploy: ${unknownName('strategy', strategy, STRATEGY_NAMES)}`);
  }
  const deployAt = readTime('deploy', read.options.at, context.now());
  const api = await findApi(read.options, context);
  const body = {
    product,
    version,
    environment,
    ...(strategy === undefined ? {} : { strategy }),
    ...(deployAt === undefined ? {} : { deployAt }),
  };
  return await startFlow(api, { path: '/v1/deployments', body, product }, read.switches, context);
}
