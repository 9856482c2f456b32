import { nameDuration } from '../../release/duration.ts';
import type { DeliveryFigures } from '../../release/views/metrics.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { checkProduct } from './product-path.ts';

const HELP = `Usage: windlass metrics PRODUCT [--json]

DORA's figures of the last 30 and 90 days, from the records of what ended: how often versions reach production, how long
a commit takes to get there, how many versions had to be taken back or hotfixed, and how long it took until production
was well again. Medians; a dash where no record tells.

  --json               the API's answer; times in milliseconds, the rate from 0 to 1
${API_HELP}
Exit codes: 0 shown, 1 failed, 2 wrong use.
`;

interface Answer {
  product: string;
  windows: DeliveryFigures[];
}

/** `windlass metrics`. */
export async function runMetrics(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'metrics',
    operands: ['PRODUCT'],
    options: [...API_OPTIONS],
    switches: ['json'],
  });
  if (!read) return 0;
  const [product = ''] = read.operands;
  checkProduct(product);
  const api = await findApi(read.options, context);
  const answer = await api.get<Answer>(`/v1/products/${encodeURIComponent(product)}/metrics`);
  context.write(read.switches.json ? `${JSON.stringify(answer, null, 2)}\n` : renderFigures(answer));
  return 0;
}

const ROWS: [string, (figures: DeliveryFigures) => string][] = [
  ['deployments', (f) => String(f.deployments)],
  ['deployment frequency', (f) => `${round(f.deploymentsPerWeek)} a week`],
  ['lead time for changes', (f) => duration(f.leadTimeMs)],
  ['change failure rate', (f) => percent(f.changeFailureRate)],
  ['time to restore', (f) => duration(f.timeToRestoreMs)],
  ['released, rolled back', (f) => `${f.released}, ${f.rolledBack}`],
  ['hotfixes, aborted', (f) => `${f.hotfixes}, ${f.aborted}`],
  ['a release takes', (f) => duration(f.durationMs)],
  ['of that, waits for people', (f) => duration(f.waitingMs)],
];

/** A table of two columns: lengths of the windows across, figures down. */
function renderFigures({ product, windows }: Answer): string {
  const widest = Math.max(...ROWS.map(([name]) => name.length));
  const line = (name: string, cells: string[]) =>
    `${name.padEnd(widest + 2)}${cells.map((cell) => cell.padEnd(16)).join('')}`.trimEnd();
  return [
    line(
      product,
      windows.map(({ days }) => `${days} days`),
    ),
    ...ROWS.map(([name, show]) => line(name, windows.map(show))),
    '',
  ].join('\n');
}

function duration(ms: number | undefined): string {
  return ms === undefined ? '-' : nameDuration(ms);
}

function percent(share: number | undefined): string {
  return share === undefined ? '-' : `${round(100 * share)} %`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
