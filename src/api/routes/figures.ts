import { z } from 'zod';
import { DAY_MS } from '../../release/duration.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import { readReleaseId } from '../../release/record/release-id.ts';
import { measureDelivery } from '../../release/views/metrics.ts';
import { requireProduct } from '../commands/find-product.ts';
import type { ApiDeps } from '../deps.ts';
import { mapSome } from '../map-some.ts';
import { problems, productParams, time } from '../schemas/common.ts';
import type { RouteApp } from './route-app.ts';

/** Lengths of the windows, in days. */
const WINDOWS = [30, 90] as const;
/** Records that are read at once, and at most: years of a busy product. */
const AT_ONCE = 16;
const MOST_RECORDS = 2_000;

const ms = z.number().optional().describe('Milliseconds; absent where no record tells');
const count = z.number().int();

const figures = z.object({
  days: count,
  deployments: count.describe('Versions that reached production'),
  released: count,
  rolledBack: count,
  hotfixes: count,
  aborted: count,
  deploymentsPerWeek: z.number(),
  leadTimeMs: ms,
  changeFailureRate: z.number().optional().describe('From 0 to 1; absent without deployments'),
  timeToRestoreMs: ms,
  durationMs: ms,
  waitingMs: ms,
});

/** DORA's figures of a product, from its archived records. */
export function routeFigures(app: RouteApp, deps: ApiDeps): void {
  app.get(
    '/products/:product/metrics',
    {
      schema: {
        summary: 'Deployment frequency, lead time, change failure rate and time to restore',
        tags: ['products'],
        params: productParams,
        response: {
          200: z.object({ product: z.string(), now: time, windows: z.array(figures) }),
          ...problems,
        },
      },
    },
    async (request) => {
      const name = requireProduct(deps, request.params.product);
      const now = deps.clock().toISOString();
      const records = await readRecords(deps, name, Date.parse(now) - Math.max(...WINDOWS) * DAY_MS);
      return { product: name, now, windows: WINDOWS.map((days) => measureDelivery(records, now, days)) };
    },
  );
}

async function readRecords(deps: ApiDeps, product: string, since: number): Promise<ReleaseRecord[]> {
  const ids = (await deps.gateway.listArchived(product))
    .filter((id) => startOf(id) >= since - API_MS.longestRelease)
    .slice(-MOST_RECORDS);
  const records = await mapSome(ids, AT_ONCE, (id) => deps.gateway.readArchived(product, id));
  return records.filter((record) => record !== undefined);
}

/** Ids hold the day; one that does not is looked at. */
function startOf(releaseId: string): number {
  const day = readReleaseId(releaseId)?.day;
  if (day === undefined) return Number.POSITIVE_INFINITY;
  return Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`);
}
