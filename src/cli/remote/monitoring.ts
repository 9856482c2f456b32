import { printable } from '../../release/plan/printable.ts';
import { misuse } from '../cli-problem.ts';
import { type CliContext, processContext } from '../context.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { readArguments } from '../read-arguments.ts';
import { productPath } from './product-path.ts';

const HELP = `Usage: windlass monitoring extend PRODUCT --by LENGTH [--comment TEXT]
       windlass monitoring end PRODUCT --comment TEXT

extend lengthens the monitoring window of the release that is in production; end closes it early, with a reason.

  --by LENGTH          such as 30m, 2h or 1h30m
  --comment TEXT       why; it stands in the record
${API_HELP}
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
  const read = readArguments(
    { command: `monitoring ${what}`, operands: ['PRODUCT'], options: ['by', 'comment', ...API_OPTIONS] },
    rest,
  );
  if (read === 'help') {
    context.write(HELP);
    return 0;
  }
  const { by, comment } = read.options;
  const product = read.operands[0] ?? '';
  const path = productPath(product, `/monitoring/${what}`);
  if (what === 'end' && by !== undefined) throw misuse('monitoring end: --by is for extend.');
  if (what === 'end' && comment === undefined) {
    throw misuse('monitoring end: --comment is missing: the record must say why.');
  }
  const minutes = what === 'extend' ? readMinutes(by) : undefined;
  const api = await findApi(read.options, context);
  await api.post(path, {
    ...(minutes === undefined ? {} : { minutes }),
    ...(comment === undefined ? {} : { comment }),
  });
  context.write(
    `Sent: monitoring ${what} of ${product}. The release itself has the last word: windlass status ${product}\n`,
  );
  return 0;
}

/** `1h30m` in minutes. */
function readMinutes(written: string | undefined): number {
  if (written === undefined) throw misuse('monitoring extend: --by is missing, such as --by 30m.');
  const parts = /^(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?$/.exec(written);
  const [, d = '0', h = '0', m = '0'] = parts ?? [];
  const minutes = (Number(d) * 24 + Number(h)) * 60 + Number(m);
  if (minutes > 0) return minutes;
  throw misuse(
    `monitoring extend: --by is a length of time such as 30m, 2h or 1h30m, not "${printable(written.slice(0, 40))}".`,
  );
}
