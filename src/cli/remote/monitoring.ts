import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { KIND_HELP, kindArgument, readKind } from './flow-kind.ts';
import { productPath } from './product-path.ts';
import { readLength } from './start/read-length.ts';

const HELP = `Usage: windlass monitoring extend PRODUCT --by LENGTH [--comment TEXT]
       windlass monitoring end PRODUCT --comment TEXT

extend lengthens the monitoring window of the release that is in production; end closes it early, with a reason.

  --by LENGTH          such as 30m, 2h or 1h30m
  --comment TEXT       why; it stands in the record
${KIND_HELP}${API_HELP}
Exit codes: 0 accepted, 1 refused or failed, 2 wrong use.
`;

/** `windlass monitoring extend|end`. */
export async function runMonitoring(argv: string[], context: CliContext = processContext()): Promise<number> {
  const [what, ...rest] = argv;
  if (what === '--help' || what === '-h') {
    context.write(HELP);
    return 0;
  }
  if (what !== 'extend' && what !== 'end') {
    throw misuse('monitoring: say extend or end.', '"windlass monitoring --help" says how it is used.');
  }
  const read = readLine(rest, context, HELP, {
    command: `monitoring ${what}`,
    operands: ['PRODUCT'],
    options: ['by', 'comment', 'kind', ...API_OPTIONS],
  });
  if (!read) return 0;
  const { by, comment } = read.options;
  const product = read.operands[0] ?? '';
  if (what === 'end' && by !== undefined) throw misuse('monitoring end: --by is for extend.');
  if (what === 'end' && comment === undefined) {
    throw misuse('monitoring end: --comment is missing: the record must say why.');
  }
  const extendMs = what === 'extend' ? readLength('monitoring extend', 'by', by) : undefined;
  const kind = readKind(`monitoring ${what}`, read.options.kind);
  const path = productPath(product, `/monitoring/${what}`, kind);
  const api = await findApi(read.options, context);
  await api.post(path, {
    ...(extendMs === undefined ? {} : { extendMs }),
    ...(comment === undefined ? {} : { comment }),
  });
  context.write(
    `Sent: monitoring ${what} of ${product}. The release itself has the last word: windlass status ${product}${kindArgument(kind)}\n`,
  );
  return 0;
}
