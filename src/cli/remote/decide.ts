import { GATE_KEYS } from '../../release/approvals.ts';
import { shortDigest } from '../../release/digest.ts';
import type { VerdictOfPerson } from '../../release/names.ts';
import { printable } from '../../release/plan/printable.ts';
import { openGate } from '../../release/record/record.ts';
import { DEFAULT_ROLES, ROLE_NAME } from '../../release/settings.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { CliProblem, misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { unknownName } from '../line/unknown-name.ts';
import { readView } from './answers.ts';
import { KIND_HELP, kindArgument, readKind } from './flow-kind.ts';
import { productPath } from './product-path.ts';

const HELP = (
  verb: VerdictOfPerson,
) => `Usage: windlass ${verb} PRODUCT GATE ${verb === 'reject' ? '--comment TEXT' : '[--comment TEXT]'} [--role R] [--subject DIGEST]

${verb === 'approve' ? 'Approves' : 'Rejects'} an open gate of the product's release, as the person to whom the token belongs.

Gates: ${GATE_KEYS.map((key) => key.replaceAll('_', '-')).join(', ')}

  --comment TEXT       ${verb === 'reject' ? 'why; what must change' : 'what you checked; for staging sign-off, issues specific to staging'}
  --role R             the role in which you decide, where you have several
  --subject DIGEST     what you were shown, as the notice and "windlass status" name it (its first digits are enough):
                       refused when something else is waiting by now
${KIND_HELP}${API_HELP}
Exit codes: 0 accepted, 1 refused or failed, 2 wrong use.
`;

/** `windlass approve` and `windlass reject`. */
export async function runDecide(
  verb: VerdictOfPerson,
  argv: string[],
  context: CliContext = processContext(),
): Promise<number> {
  const read = readLine(argv, context, HELP(verb), {
    command: verb,
    operands: ['PRODUCT', 'GATE'],
    options: ['comment', 'role', 'subject', 'kind', ...API_OPTIONS],
  });
  if (!read) return 0;
  const [product = '', written = ''] = read.operands;
  const { comment, role, subject } = read.options;
  const gate = written.replaceAll('-', '_');
  if (!(GATE_KEYS as readonly string[]).includes(gate)) {
    throw misuse(`${verb}: ${unknownName('gate', written, GATE_KEYS, withHyphens)}`);
  }
  if (role !== undefined && !ROLE_NAME.test(role.replaceAll('-', '_'))) {
    throw misuse(`${verb}: ${unknownName('role', role, DEFAULT_ROLES, withHyphens)}`);
  }
  if (verb === 'reject' && comment === undefined) {
    throw misuse('reject: --comment is missing: say what must change before you can approve.');
  }
  if (subject !== undefined && !/^(?:sha256:)?[0-9a-f]{8,64}$/.test(subject)) {
    throw misuse(`${verb}: --subject is a digest: at least its first 8 hexadecimal digits.`);
  }
  // Only a hotfix has a gate of that name.
  const kind = readKind(verb, read.options.kind ?? (gate === 'hotfix' ? 'hotfix' : undefined));
  const path = productPath(product, `/approvals/${gate}`, kind);
  const api = await findApi(read.options, context);
  const open = openGate(readView(await api.get(productPath(product, '', kind))).record, gate);
  if (open && subject !== undefined && !isSubject(open.subject, subject)) {
    throw new CliProblem(
      `what you were shown (${subject.slice(0, 80)}) is not what waits for a decision now (${shortDigest(open.subject)}): the plan has changed. Nothing was decided.`,
      { hint: `Look again, then decide: windlass status ${product}${kindArgument(kind)}` },
    );
  }
  await api.post(path, {
    decision: verb,
    // What else is wrong, such as a gate that is not open, the API says better.
    ...(open === undefined ? {} : { subject: open.subject }),
    ...(comment === undefined ? {} : { comment }),
    ...(role === undefined ? {} : { role: role.replaceAll('-', '_') }),
  });
  const about = open === undefined ? '' : ` (${printable(open.title)}; subject ${shortDigest(open.subject)})`;
  context.write(
    `Sent: ${verb} ${gate} of ${product}${about}. The release itself has the last word: windlass status ${product}${kindArgument(kind)}\n`,
  );
  return 0;
}

const withHyphens = (name: string) => name.replaceAll('_', '-');

function isSubject(whole: string, shown: string): boolean {
  return whole.replace(/^sha256:/, '').startsWith(shown.replace(/^sha256:/, ''));
}
