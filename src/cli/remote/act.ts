import { COMMANDS } from '../../release/commands/command-table.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readArguments } from '../line/read-arguments.ts';
import { KIND_HELP, kindArgument, readKind } from './flow-kind.ts';
import { productPath } from './product-path.ts';
import { readLength } from './start/read-length.ts';

interface Act {
  does: string;
  needsReason: boolean;
  /** Its path below a release. */
  path: string;
}

/** The commands that take a product and perhaps a reason. */
const ACTS = new Map<string, Act>(
  Object.entries(COMMANDS).flatMap(([name, { cli, needsReason, path }]): [string, Act][] =>
    cli === undefined
      ? []
      : [[cli.name, { does: cli.help, needsReason: needsReason === true, path: path ?? name }]],
  ),
);

/** `windlass hold`, `resume`, `retry`, `replan`, `skip`, `abort`, `dismiss` and `restore`. */
export async function runAct(
  name: string,
  argv: string[],
  context: CliContext = processContext(),
): Promise<number> {
  const act = ACTS.get(name);
  if (!act) throw misuse(`there is no command "${name}".`);
  const read = readArguments(
    {
      command: name,
      operands: ['PRODUCT'],
      options: [
        'comment',
        'kind',
        ...(name === 'dismiss' ? (['hotfix-in', 'incident'] as const) : []),
        ...API_OPTIONS,
      ],
    },
    argv,
  );
  if (read === 'help') {
    const usage = `Usage: windlass ${name} PRODUCT ${act.needsReason ? '--comment TEXT' : '[--comment TEXT]'}`;
    context.write(`${usage}\n\n${act.does}\n\n  --comment TEXT       why; it stands in the record\n${KIND_HELP}${API_HELP}
Exit codes: 0 accepted, 1 refused or failed, 2 wrong use.\n`);
    return 0;
  }
  const product = read.operands[0] ?? '';
  const { comment } = read.options;
  const { 'hotfix-in': estimate, incident } = read.options as Partial<Record<string, string>>;
  const hotfixInMs = estimate === undefined ? undefined : readLength(name, 'hotfix-in', estimate);
  if (act.needsReason && comment === undefined) {
    throw misuse(`${name}: --comment is missing: the record must say why.`);
  }
  const kind = readKind(name, read.options.kind);
  const path = productPath(product, `/${act.path}`, kind);
  const api = await findApi(read.options, context);
  await api.post(path, {
    ...(comment === undefined ? {} : { comment }),
    ...(hotfixInMs === undefined ? {} : { hotfixInMs }),
    ...(incident === undefined ? {} : { incident }),
  });
  context.write(
    `Sent: ${name} ${product}. The release itself has the last word: windlass status ${product}${kindArgument(kind)}\n`,
  );
  return 0;
}
