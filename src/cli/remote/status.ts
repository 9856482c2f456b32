import { printable, printableJson } from '../../release/plan/printable.ts';
import { renderStatus } from '../../release/views/status-text.ts';
import type { ApiClient } from '../api-client.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import type { ReleaseListing } from './answers.ts';
import { readView } from './answers.ts';
import { KIND_HELP, readKind } from './flow-kind.ts';
import { productPath } from './product-path.ts';

const HELP = `Usage: windlass status [PRODUCT] [--kind K] [--json]

With a product: where its release stands (the one in flight, or the last one), what it waits for, what failed and why,
and what may be done. Without: every release, those in flight first.

  --json               the API's own answer
${KIND_HELP}${API_HELP}
Exit codes: 0 done, 1 failed, 2 wrong use.
`;

/** `windlass status`. */
export async function runStatus(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'status',
    optional: 'PRODUCT',
    options: ['kind', ...API_OPTIONS],
    switches: ['json'],
  });
  if (!read) return 0;
  const kind = readKind('status', read.options.kind);
  const api = await findApi(read.options, context);
  const [product] = read.operands;
  if (product === undefined) return await showList(api, read.switches.json, context);
  const answer = await api.get<unknown>(productPath(product, '', kind));
  if (read.switches.json) {
    context.write(`${printableJson(answer)}\n`);
    return 0;
  }
  const { record, open, unverified, stopped } = readView(answer);
  if (stopped !== undefined) context.write(`STOPPED: ${printable(stopped)}\n\n`);
  if (unverified !== undefined)
    context.write(`NOT VERIFIED: ${printable(unverified)} Rely on nothing of this.\n\n`);
  const text = renderStatus(record, { colour: context.colour, now: context.now().toISOString() });
  context.write(`${text}\n`);
  if (!open && record.outcome === undefined) context.write(`\n${ENDED_FROM_OUTSIDE}\n`);
  return 0;
}

/** A workflow that was terminated could not write its own ending. */
export const ENDED_FROM_OUTSIDE =
  'Its workflow was ended from outside (terminated in the Temporal Web UI): nothing of this goes on by itself.';

async function showList(api: ApiClient, json: boolean, context: CliContext): Promise<number> {
  const open = await listOpen(api);
  const past = await api.get<ListAnswer>('/v1/releases?status=closed&limit=50');
  const releases = [...open, ...(past.releases ?? [])];
  const { stopped = [] } = await api.get<{ stopped?: { why: string }[] }>('/v1/products');
  if (json) {
    context.write(`${printableJson({ ...past, releases, stopped })}\n`);
    return 0;
  }
  for (const { why } of stopped) context.write(`STOPPED: ${printable(why)}.\n`);
  if (releases.length === 0) {
    context.write('No release is known yet. Start one: windlass release PRODUCT\n');
    return 0;
  }
  const rows = releases.map((release) => [
    release.product,
    release.version ?? '-',
    (release.open ? (release.phase ?? 'starting') : (release.outcome ?? 'ended')).replaceAll('_', ' '),
    release.waitingFor.join(', ') || '-',
    release.startedAt.slice(0, 16).replace('T', ' '),
  ]);
  context.write(renderTable(['PRODUCT', 'VERSION', 'WHERE', 'WAITS FOR', 'SINCE (UTC)'], rows));
  if ((past.more ?? 0) > 0)
    context.write(`and ${past.more} more past ones: GET /v1/releases pages through them\n`);
  return 0;
}

interface ListAnswer {
  releases?: ReleaseListing[];
  cursor?: string;
  more?: number;
}

/** Everything in flight, what has waited longest first. */
async function listOpen(api: ApiClient): Promise<ReleaseListing[]> {
  const all: ReleaseListing[] = [];
  let cursor = '';
  do {
    const page = await api.get<ListAnswer>(
      `/v1/releases?status=open&limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    all.push(...(page.releases ?? []));
    cursor = page.cursor ?? '';
  } while (cursor !== '');
  return all.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** Columns as wide as they must be; the last one is not filled up. */
export function renderTable(heads: string[], rows: string[][]): string {
  const all = [heads, ...rows].map((row) => row.map((cell) => printable(cell).replace(/\s+/g, ' ')));
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
