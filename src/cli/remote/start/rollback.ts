import { printable, printableJson } from '../../../release/plan/printable.ts';
import { API_HELP, findApi } from '../../find-api.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { kindArgument } from '../flow-kind.ts';
import { watchRelease } from '../follow/watch.ts';
import { productPath } from '../product-path.ts';
import { readVersion } from './read-version.ts';
import { FLOW_HELP, readStart, type Started, tellStarted } from './start-flow.ts';

const HELP = `Usage: windlass rollback PRODUCT [--from VERSION] [--to VERSION] [--environment NAME]
                         [--comment TEXT] [--watch]

Puts an earlier version back into production. While a release or a hotfix is still watching its own version there, it
takes that back itself. A version that is long live is taken back by a rollback of its own: the environment first,
then what users get by default, deprecation, issue, notification and post-mortem.

  --from VERSION       what is to go: refused where production runs another version by now; default: what runs, of
                       several environments the newest
  --to VERSION         the version to go back to; default: what ran there before, in each environment its own
  --environment NAME   one production environment of what is long live, such as a region; default: all. Its
                       version stays published and deployed elsewhere
  --comment TEXT       why; it stands in the record
${FLOW_HELP}${API_HELP}
Exit codes: 0 accepted (with --watch: rolled back), 1 refused or failed, 2 wrong use.
`;

/** `windlass rollback`. */
export async function runRollback(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readStart(
    { command: 'rollback', options: ['from', 'to', 'environment', 'comment'], help: HELP },
    argv,
    context,
  );
  if (read === undefined) return 0;
  const { product } = read;
  const { comment, environment } = read.options;
  const to = read.options.to === undefined ? undefined : readVersion('rollback: --to', read.options.to);
  const from =
    read.options.from === undefined ? undefined : readVersion('rollback: --from', read.options.from);
  const api = await findApi(read.options, context);
  const answer = await api.post<Partial<Started>>(productPath(product, '/rollback'), {
    ...(comment === undefined ? {} : { comment }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(environment === undefined ? {} : { environment }),
  });
  if (isStarted(answer)) return await tellStarted(api, product, answer, read.switches, context);
  const kind = answer.kind ?? 'release';
  if (read.switches.json) {
    context.write(`${printableJson(answer)}\n`);
    return 0;
  }
  context.write(
    `Sent: rollback, to the ${printable(kind)} of ${product} that is in flight. It has the last word: windlass status ${product}${printable(kindArgument(kind))}\n`,
  );
  if (!read.switches.watch) return 0;
  return await watchRelease({ api, product, kind, context, good: 'rolled_back' });
}

/** A rollback of its own was started; otherwise the command went to what is in flight. */
function isStarted(answer: Partial<Started>): answer is Started {
  return typeof answer.url === 'string' && typeof answer.kind === 'string';
}
