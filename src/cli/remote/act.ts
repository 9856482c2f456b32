import { misuse } from '../cli-problem.ts';
import { type CliContext, processContext } from '../context.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { readArguments } from '../read-arguments.ts';
import { KIND_HELP, kindArgument, readKind } from './flow-kind.ts';
import { productPath } from './product-path.ts';
import { readLength } from './read-length.ts';

/** Commands that take a product and perhaps a reason. `needsReason`: the record must say why. */
const ACTS: Record<string, { does: string; needsReason: boolean }> = {
  hold: {
    does: 'Stops the release before its next step; what runs now is finished first.',
    needsReason: false,
  },
  resume: { does: 'Lets a held release go on.', needsReason: false },
  retry: { does: 'Repeats the step that failed, on the same plan and the same bytes.', needsReason: false },
  replan: {
    does: 'Takes the newest commit of the release branch, voids all approvals, and starts again from the plan.\nPossible until publishing starts.',
    needsReason: false,
  },
  skip: {
    does: 'Goes on without the step that failed, where policy allows it (never build or tests).',
    needsReason: true,
  },
  abort: {
    does: 'Ends the release, takes back what is not public, and says what remains.',
    needsReason: false,
  },
  dismiss: {
    does: 'Dismisses an incident: no rollback because of it. Of a medium one, --hotfix-in 20m says that a hotfix is quick\n(or not: a longer one than configuration allows rolls back).',
    needsReason: true,
  },
  restore: {
    does: 'Lets a rollback put the database backup back as well. Every write since the backup is lost.',
    needsReason: true,
  },
};

/** `windlass hold`, `resume`, `retry`, `replan`, `skip`, `abort`, `dismiss` and `restore`. */
export async function runAct(
  name: string,
  argv: string[],
  context: CliContext = processContext(),
): Promise<number> {
  const act = ACTS[name];
  if (!act) throw misuse(`there is no command "${name}".`);
  const read = readArguments(
    {
      command: name,
      operands: ['PRODUCT'],
      options: ['comment', 'kind', ...(name === 'dismiss' ? (['hotfix-in'] as const) : []), ...API_OPTIONS],
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
  const estimate = (read.options as Partial<Record<string, string>>)['hotfix-in'];
  const hotfixInMs = estimate === undefined ? undefined : readLength(name, 'hotfix-in', estimate);
  if (act.needsReason && comment === undefined) {
    throw misuse(`${name}: --comment is missing: the record must say why.`);
  }
  const kind = readKind(name, read.options.kind);
  const path = productPath(product, name === 'restore' ? '/database/restore' : `/${name}`, kind);
  const api = await findApi(read.options, context);
  await api.post(path, {
    ...(comment === undefined ? {} : { comment }),
    ...(hotfixInMs === undefined ? {} : { hotfixInMs }),
  });
  context.write(
    `Sent: ${name} ${product}. The release itself has the last word: windlass status ${product}${kindArgument(kind)}\n`,
  );
  return 0;
}
