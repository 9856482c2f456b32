import { printable } from '../../../release/plan/printable.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import { describeTimeline } from '../../../release/record/timeline/describe-event.ts';
import { listAdvice, nameWaiting, waitingReason } from '../../../release/views/advice.ts';
import { nameOutcome } from '../../../release/views/words.ts';
import { API_HELP, API_OPTIONS, findApi } from '../../find-api.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { readLine } from '../../line/read-line.ts';
import { goodOutcomeOf, KIND_HELP, NOTHING_HELP, readKind, readNothingExit } from '../flow-kind.ts';
import { ENDED_FROM_OUTSIDE } from '../status.ts';
import type { Follow } from './follow-release.ts';
import { followRelease } from './follow-release.ts';

const HELP = `Usage: windlass watch PRODUCT [--kind K] [--nothing-exit CODE]

Follows the product's release, or another flow of it (the one in flight, or the last one), and ends with it. Goes on through a restart of the
API; Ctrl-C ends the watching, never the release.

${KIND_HELP}${NOTHING_HELP}${API_HELP}
Exit codes: 0 released (or whatever is the good end of its kind; also where there was nothing to release), 1 ended
otherwise, 2 wrong use.
`;

/** `windlass watch`: 0 when it ends as a flow of its kind should, 1 otherwise. */
export async function runWatch(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'watch',
    operands: ['PRODUCT'],
    options: ['kind', 'nothing-exit', ...API_OPTIONS],
  });
  if (!read) return 0;
  const kind = readKind('watch', read.options.kind);
  const nothingExit = readNothingExit('watch', read.options['nothing-exit']);
  const api = await findApi(read.options, context);
  return await watchRelease({ api, product: read.operands[0] ?? '', kind, context, nothingExit });
}

/**
 * Prints each new line of the timeline and what it waits for, to the end. `good` is the outcome that counts as success,
 * where it is another than the kind's own. That there was nothing to release is one too, unless `nothingExit` says else.
 */
export async function watchRelease(
  watched: Pick<Follow, 'api' | 'product' | 'kind' | 'releaseId' | 'context'> & {
    good?: string;
    nothingExit?: number;
  },
): Promise<number> {
  const { context } = watched;
  const dim = (text: string) => (context.colour ? `\u001b[2m${text}\u001b[0m` : text);
  const yellow = (text: string) => (context.colour ? `\u001b[33m${text}\u001b[0m` : text);
  let told = 0;
  let waited = '';
  const ended = await followRelease({
    ...watched,
    onRecord(record) {
      if (told === 0) context.write(`${oneLine(record.title)} (${record.releaseId})\n`);
      const fresh = Math.min(record.timelineTotal - told, record.timeline.length);
      for (const { at, what, by } of fresh > 0 ? describeTimeline(record, fresh) : []) {
        const whom = by === undefined ? '' : ` (${oneLine(by)})`;
        context.write(`${dim(at.slice(11, 19))}  ${oneLine(what)}${whom}\n`);
      }
      told = Math.max(told, record.timelineTotal);
      const waiting = describeWaiting(record);
      if (waiting !== waited && waiting !== '') context.write(`${yellow(waiting)}\n`);
      waited = waiting;
    },
    onNote: (note) => context.writeError(`${note}\n`),
  });
  const { outcome } = ended;
  const ending =
    outcome === undefined ? ENDED_FROM_OUTSIDE : `${nameOutcome(outcome)}: ${oneLine(ended.ending ?? '')}`;
  context.write(`\n${ending}\n`);
  for (const left of ended.remains) context.write(`  remains: ${oneLine(left)}\n`);
  for (const { name, url } of ended.links) context.write(`  ${oneLine(name)}: ${oneLine(url)}\n`);
  if (outcome === 'nothing_to_release') return watched.nothingExit ?? 0;
  return outcome === (watched.good ?? goodOutcomeOf(watched.kind ?? 'release')) ? 0 : 1;
}

function describeWaiting(record: ReleaseRecord): string {
  const waits = nameWaiting(record);
  if (waits === undefined) return '';
  const reason = waitingReason(record);
  return [
    `          waits for ${oneLine(waits)}${reason === undefined ? '' : `: ${oneLine(reason)}`}`,
    ...listAdvice(record).map((line) => `            - ${oneLine(line.replaceAll('`', ''))}`),
  ].join('\n');
}

function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').slice(0, 500);
}
