import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { checkProduct } from './product-path.ts';

const HELP = `Usage: windlass post-mortem own PRODUCT [--release ID] [--owner NAME]
       windlass post-mortem close PRODUCT [--release ID] --comment TEXT

own says who writes the post-mortem of a rollback (you, if nobody is named); close ends it, with what came of it. Until
then on-call is reminded every day.

  --release ID         the release that was rolled back; the last one, if left out
  --owner NAME         a person of the configuration
  --comment TEXT       the conclusion
${API_HELP}
Exit codes: 0 accepted, 1 refused or failed, 2 wrong use.
`;

/** `windlass post-mortem own|close`. */
export async function runPostMortem(argv: string[], context: CliContext = processContext()): Promise<number> {
  const [what, ...rest] = argv;
  if (what === '--help' || what === '-h') {
    context.write(HELP);
    return 0;
  }
  if (what !== 'own' && what !== 'close') {
    throw misuse('post-mortem: say own or close.', '"windlass post-mortem --help" says how it is used.');
  }
  const own = what === 'own' ? (['owner'] as const) : (['comment'] as const);
  const read = readLine(rest, context, HELP, {
    command: `post-mortem ${what}`,
    operands: ['PRODUCT'],
    options: ['release', ...own, ...API_OPTIONS],
  });
  if (!read) return 0;
  const options: Partial<Record<string, string>> = read.options;
  const [product = ''] = read.operands;
  const { release = 'latest', owner, comment } = options;
  checkProduct(product);
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(release)) {
    throw misuse(`post-mortem ${what}: --release is the id of a release.`);
  }
  if (what === 'close' && comment === undefined) {
    throw misuse('post-mortem close: --comment is missing: say what came of it.');
  }
  const api = await findApi(read.options, context);
  const path = `/v1/post-mortems/${encodeURIComponent(product)}/${release}/${what}`;
  const body = { ...(owner === undefined ? {} : { owner }), ...(comment === undefined ? {} : { comment }) };
  const answer = await api.post<{ releaseId: string }>(path, body);
  context.write(`Sent: post-mortem of ${answer.releaseId}, ${what}.\n`);
  return 0;
}
