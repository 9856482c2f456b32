import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readEnvironment } from '../../../config/environment.ts';
import { findHost, HOST_NAMES } from '../../../providers/host/hosts.ts';
import { printable } from '../../../release/plan/printable.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import { API_HELP, API_OPTIONS, findApi } from '../../find-api.ts';
import { CliProblem, misuse } from '../../line/cli-problem.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { readLine } from '../../line/read-line.ts';
import { readTrail, readView } from '../answers.ts';
import { KIND_HELP, readKind } from '../flow-kind.ts';
import { productPath } from '../product-path.ts';
import type { Anchor } from './read-anchors.ts';
import { type ReadPart, verifyChain } from './verify-chain.ts';

const HELP = `Usage: windlass audit PRODUCT [--release ID] [--anchor DIGEST]
       windlass audit --record FILE [--anchor DIGEST]

Computes every link of the audit trail anew, from the first entry on, and names the first one that is broken. Where a
windlass.yaml is found, it also reads the anchor from the message of the release's tag and from its release page, and
looks for it in the trail. For a private repository set WINDLASS_GIT_TOKEN, and the token of its host as
${HOST_NAMES.map((name) => findHost(name).tokenVariable).join(' or ')}.

  --release ID         an earlier, archived release instead of the one in flight or the last
  --anchor DIGEST      a chain head that was written down elsewhere: it must be in the trail
  --record FILE        an archived record (JSON) instead of the API's answer
${KIND_HELP}${API_HELP}
Exit codes: 0 the trail is whole, 1 it is broken or could not be read, 2 wrong use.
`;

/** `windlass audit`. */
export async function runAudit(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'audit',
    optional: 'PRODUCT',
    options: ['anchor', 'record', 'release', 'kind', ...API_OPTIONS],
  });
  if (!read) return 0;
  const [product] = read.operands;
  const { anchor, record: file, release } = read.options;
  const kind = readKind('audit', read.options.kind);
  if ((product === undefined) === (file === undefined))
    throw misuse('audit: give a PRODUCT or --record FILE.');
  if (anchor !== undefined && !/^sha256:[0-9a-f]{64}$/.test(anchor)) {
    throw misuse('audit: --anchor is a digest such as sha256:… with 64 hexadecimal digits.');
  }
  const given: Anchor[] = anchor === undefined ? [] : [{ place: 'the one that was given', digest: anchor }];
  if (file !== undefined) {
    const record = readRecordFile(resolve(context.folder, file));
    return report({ record, parts: [], anchors: given }, context);
  }
  if (release !== undefined && !/^[a-z0-9][a-z0-9._-]{0,99}$/.test(release)) {
    throw misuse(`audit: "${printable(release.slice(0, 60))}" cannot be the id of a release.`);
  }
  const api = await findApi(read.options, context);
  const { record, parts } = readTrail(await api.get(trailPath(product ?? '', kind, release)));
  const written = await findAnchors(record, read.options.config, context);
  return report({ record, parts, anchors: [...given, ...written] }, context);
}

function trailPath(product: string, kind: string | undefined, release: string | undefined): string {
  const query = new URLSearchParams({
    ...(kind === undefined || kind === 'release' ? {} : { kind }),
    ...(release === undefined ? {} : { release }),
  });
  return `${productPath(product, '/trail')}${query.size > 0 ? `?${query}` : ''}`;
}

/** What was read, and from where else something is known of it. */
interface Audited {
  record: ReleaseRecord;
  parts: ReadPart[];
  anchors: Anchor[];
}

function report({ record, parts, anchors }: Audited, context: CliContext): number {
  const verdict = verifyChain(record, parts);
  const name = `${printable(record.releaseId)} of ${printable(record.product)}`;
  if (!verdict.whole) {
    context.writeError(`BROKEN: the audit trail of ${name}: ${printable(verdict.broken ?? '')}.\n`);
    context.writeError(`${verdict.verified} entries before it are in order. Nothing was changed.\n`);
    return 1;
  }
  const entries = [...parts.flatMap((part) => part.entries ?? []), ...record.timeline];
  const held: string[] = [];
  const wrong: string[] = [];
  for (const { place, digest, unread } of anchors) {
    const shown = printable(place);
    if (unread !== undefined) {
      context.writeError(`NOT compared with ${shown}: ${printable(unread)}\n`);
    } else if (digest === undefined) {
      wrong.push(`${shown} holds no anchor: it was written anew, or by somebody else`);
    } else if (entries.some(({ link }) => link === digest)) {
      held.push(shown);
    } else {
      wrong.push(`${shown} says ${digest}: this is another trail, or one that was written anew`);
    }
  }
  if (wrong.length > 0) {
    context.writeError(`BROKEN: the trail of ${name} is whole in itself, but does not hold the anchor.\n`);
    for (const one of wrong) context.writeError(`  ${one}\n`);
    return 1;
  }
  const unseen =
    verdict.unseen === 0
      ? ''
      : ` ${verdict.unseen} older entries are not at hand: the first kept link is taken on trust.`;
  const anchored = held.length === 0 ? '' : ` It holds the anchor of ${held.join(' and of ')}.`;
  context.write(
    `The audit trail of ${name} is whole: ${verdict.verified} of ${record.timelineTotal} links computed anew.${anchored}${unseen}\nHead: ${record.chain}\n`,
  );
  return 0;
}

/** The configuration names the repository and the host; without one, nothing is compared with them. */
async function findAnchors(
  record: ReleaseRecord,
  asked: string | undefined,
  context: CliContext,
): Promise<Anchor[]> {
  const { findConfigFile } = await import('../../../config/load.ts');
  const file = findConfigFile(asked, context.environment, context.folder);
  if (asked === undefined && !existsSync(file)) {
    context.writeError(
      'NOT compared with tag and release page: no windlass.yaml is found here that names the repository (--config FILE).\n',
    );
    return [];
  }
  const { readInstallation } = await import('../../read-installation.ts');
  const product = readInstallation(asked, context).products[record.product];
  if (!product) return [{ place: 'tag and release page', unread: `${file} has no product of that name` }];
  const { readAnchors } = await import('./read-anchors.ts');
  const { readHostTokens } = await import('../../../config/host-tokens.ts');
  const hostTokens = readHostTokens(context.environment);
  return await readAnchors(record, product, { ...readEnvironment(context.environment), hostTokens });
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
