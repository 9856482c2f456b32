import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { printable } from '../../release/plan/printable.ts';
import type { ReleaseRecord } from '../../release/record.ts';
import { CliProblem, misuse } from '../cli-problem.ts';
import { type CliContext, processContext } from '../context.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { readArguments } from '../read-arguments.ts';
import { readView } from './answers.ts';
import { productPath } from './product-path.ts';
import { verifyChain } from './verify-chain.ts';

const HELP = `Usage: windlass audit PRODUCT [--release ID] [--anchor DIGEST]
       windlass audit --record FILE [--anchor DIGEST]

Computes every link of the audit trail anew and names the first one that is broken.

  --release ID         an earlier, archived release instead of the one in flight or the last
  --anchor DIGEST      a chain head that was written down elsewhere (the tag's message, the release page): it must be
                       in the trail
  --record FILE        an archived record (JSON) instead of the API's answer
${API_HELP}
Exit codes: 0 the trail is whole, 1 it is broken or could not be read, 2 wrong use.
`;

/** `windlass audit`. */
export async function runAudit(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readArguments(
    { command: 'audit', optional: 'PRODUCT', options: ['anchor', 'record', 'release', ...API_OPTIONS] },
    argv,
  );
  if (read === 'help') {
    context.write(HELP);
    return 0;
  }
  const [product] = read.operands;
  const { anchor, record: file, release } = read.options;
  if ((product === undefined) === (file === undefined))
    throw misuse('audit: give a PRODUCT or --record FILE.');
  if (anchor !== undefined && !/^sha256:[0-9a-f]{64}$/.test(anchor)) {
    throw misuse('audit: --anchor is a digest such as sha256:… with 64 hexadecimal digits.');
  }
  if (file !== undefined) return report(readRecordFile(resolve(context.folder, file)), anchor, context);
  if (release !== undefined && !/^[a-z0-9][a-z0-9._-]{0,99}$/.test(release)) {
    throw misuse(`audit: "${printable(release.slice(0, 60))}" cannot be the id of a release.`);
  }
  const path = productPath(product ?? '', release === undefined ? '' : `/archive/${release}`);
  const api = await findApi(read.options, context);
  return report(readView(await api.get(path)).record, anchor, context);
}

function report(record: ReleaseRecord, anchor: string | undefined, context: CliContext): number {
  const verdict = verifyChain(record);
  const name = `${printable(record.releaseId)} of ${printable(record.product)}`;
  if (!verdict.whole) {
    context.writeError(`BROKEN: the audit trail of ${name}: ${printable(verdict.broken ?? '')}.\n`);
    context.writeError(`${verdict.verified} entries before it are in order. Nothing was changed.\n`);
    return 1;
  }
  if (anchor !== undefined && !record.timeline.some(({ link }) => link === anchor)) {
    context.writeError(
      `BROKEN: the trail of ${name} is whole in itself but does not hold the anchor ${anchor}: it is another trail, or it was written anew.\n`,
    );
    return 1;
  }
  const unseen =
    verdict.unseen === 0
      ? ''
      : ` ${verdict.unseen} older entries are not in the record: the first kept link is taken on trust.`;
  const anchored = anchor === undefined ? '' : ' The anchor is one of its links.';
  context.write(
    `The audit trail of ${name} is whole: ${verdict.verified} of ${record.timelineTotal} links computed anew.${anchored}${unseen}\nHead: ${record.chain}\n`,
  );
  return 0;
}

function readRecordFile(file: string): ReleaseRecord {
  try {
    return readView(JSON.parse(readFileSync(file, 'utf8'))).record;
  } catch (error) {
    if (error instanceof CliProblem) throw new CliProblem(`${file} is not a record of a release.`);
    const reason = error instanceof SyntaxError ? 'it is no JSON' : (error as NodeJS.ErrnoException).code;
    throw new CliProblem(`${file} cannot be read (${reason}).`);
  }
}
