import { stripVTControlCharacters } from 'node:util';
import type { StepRecord } from '../../release/record/record.ts';
import { listLogs } from '../../release/record/step-logs.ts';
import type { ApiClient } from '../api-client.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { readView } from './answers.ts';
import { KIND_HELP, readKind } from './flow-kind.ts';
import { productPath } from './product-path.ts';
import { renderTable } from './status.ts';

const HELP = `Usage: windlass log PRODUCT [STEP] [--kind K] [--release ID]

Without STEP: which steps of the release have a log. With it: all that the scripts of that step wrote in its last try,
as long as it may be, with secrets masked and without what would steer a terminal. It may be piped.

  --release ID         one that has ended, by its id (default: the one in flight, or the last one)
${KIND_HELP}${API_HELP}
Exit codes: 0 done, 1 failed (also where the step left no log), 2 wrong use.
`;

/** A line that never ends is written in parts, in characters. */
const LONGEST_KEPT = 65_536;

/** `windlass log`. */
export async function runLog(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'log',
    operands: ['PRODUCT'],
    optional: 'STEP',
    options: ['kind', 'release', ...API_OPTIONS],
  });
  if (!read) return 0;
  const kind = readKind('log', read.options.kind);
  const [product = '', step] = read.operands;
  const { release } = read.options;
  const api = await findApi(read.options, context);
  if (step === undefined) return await listSteps(api, { product, kind, release }, context);
  const query =
    release === undefined ? '' : `${kind === 'release' ? '?' : '&'}release=${encodeURIComponent(release)}`;
  const path = `${productPath(product, `/steps/${encodeURIComponent(step)}/log`, kind)}${query}`;
  await writeText(await api.openText(path), context);
  return 0;
}

async function listSteps(
  api: ApiClient,
  { product, kind, release }: { product: string; kind: string; release: string | undefined },
  context: CliContext,
): Promise<number> {
  const steps =
    release === undefined
      ? readView(await api.get<unknown>(productPath(product, '', kind))).record.steps
      : (
          await api.get<{ steps: StepRecord[] }>(
            productPath(product, `/archive/${encodeURIComponent(release)}`),
          )
        ).steps;
  const rows = steps
    .filter((step) => listLogs(step).length > 0)
    .map((step) => [step.id, step.status, `${listLogs(step).length}`, step.title]);
  if (rows.length === 0) context.write(`No step of it has left a log yet.\n`);
  else context.write(renderTable(['STEP', 'STATE', 'SCRIPTS', 'WHAT'], rows));
  return 0;
}

/** Line by line, so that no sequence that a terminal would obey is cut in two and missed. */
async function writeText(pieces: AsyncIterable<Uint8Array>, context: CliContext): Promise<void> {
  const decoder = new TextDecoder();
  let kept = '';
  const write = (text: string) => context.write(withoutSteering(text));
  for await (const piece of pieces) {
    kept += decoder.decode(piece, { stream: true });
    const end = kept.length > LONGEST_KEPT ? kept.length : kept.lastIndexOf('\n') + 1;
    if (end === 0) continue;
    write(kept.slice(0, end));
    kept = kept.slice(end);
  }
  write(kept + decoder.decode());
}

function withoutSteering(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '');
}
