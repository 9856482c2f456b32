import { printable } from '../../../release/plan/printable.ts';
import { API_HELP, API_OPTIONS, findApi } from '../../find-api.ts';
import { misuse } from '../../line/cli-problem.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { readLine } from '../../line/read-line.ts';
import { checkProduct } from '../product-path.ts';
import { readVersion } from './read-version.ts';
import { checkFlowSwitches, FLOW_HELP, FLOW_SWITCHES, startFlow } from './start-flow.ts';

const HELP = `Usage: windlass hotfix PRODUCT --commit SHA [SHA…] [--version VERSION] [--careful] [--watch]
       windlass hotfix PRODUCT --branch NAME [--version VERSION] [--careful] [--watch]

An emergency fix on top of what production runs: tests and smoke, one approval by on-call, straight to production. It
has right of way over a release in flight.

  --commit SHA         commits to take over, in this order; may be given several times
  --branch NAME        a branch that begins at production's tag, instead
  --version VERSION    exactly this one; default: the next free patch version of what production runs
  --careful            blue-green instead of every instance at once
${FLOW_HELP}${API_HELP}
Exit codes: 0 started (with --watch: released), 1 failed, 2 wrong use.
`;

/** `windlass hotfix`. */
export async function runHotfix(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'hotfix',
    operands: ['PRODUCT'],
    rest: true,
    options: ['branch', 'version', ...API_OPTIONS],
    repeatable: ['commit'],
    switches: ['careful', ...FLOW_SWITCHES],
  });
  if (!read) return 0;
  const [product = '', ...more] = read.operands;
  const { branch } = read.options;
  checkProduct(product);
  checkFlowSwitches('hotfix', read.switches);
  const named = read.lists.commit;
  if (named.length === 0 && more.length > 0) {
    throw misuse(
      `hotfix: "${printable(more[0]?.slice(0, 60) ?? '')}" stands alone: commits follow --commit.`,
    );
  }
  const commits = [...named, ...more].map(readCommit);
  if ((commits.length === 0) === (branch === undefined)) {
    throw misuse('hotfix: say what is fixed by either --commit SHA or --branch NAME.');
  }
  const { careful } = read.switches;
  const exact = read.options.version;
  const body = {
    product,
    commits,
    careful,
    ...(branch === undefined ? {} : { branch }),
    ...(exact === undefined ? {} : { version: readVersion('hotfix: --version', exact) }),
  };
  const api = await findApi(read.options, context);
  return await startFlow(api, { path: '/v1/hotfixes', body, product }, read.switches, context);
}

function readCommit(written: string): string {
  const commit = written.toLowerCase();
  if (/^[0-9a-f]{7,40}$/.test(commit)) return commit;
  throw misuse(
    `hotfix: a commit is its id, at least seven digits of it, not "${printable(written.slice(0, 60))}".`,
    '"git rev-parse NAME" gives the id of a name.',
  );
}
