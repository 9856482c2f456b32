import { z } from 'zod';
import { TRAIL_FAULTS } from '../../release/names.ts';
import type { ReleaseRecord, TimelineEntry, TrailPart } from '../../release/record/record.ts';
import type { ApiDeps } from '../deps.ts';
import { requireArchived, requireCurrent } from '../read-release.ts';
import { flowQuery, problems, productParams, releaseId } from '../schemas/common.ts';
import { presentEntries, presentRecord, releaseRecord, timelineEntry } from '../schemas/release.ts';
import type { RouteApp } from './route-app.ts';

const part = z.object({
  count: z.number().int(),
  digest: z.string(),
  entries: z.array(timelineEntry).optional(),
  fault: z
    .enum(TRAIL_FAULTS)
    .optional()
    .describe('The store has lost it, or holds other bytes than were put'),
});

/** Everything that an audit looks at: the record, and the parts of its trail that are in the store. */
export function routeTrail(app: RouteApp, deps: ApiDeps): void {
  app.get(
    '/releases/:product/trail',
    {
      schema: {
        summary: 'The whole audit trail, from the first entry on, with the record',
        description:
          'The record holds the newest entries, the parts what is older. Verify it yourself: `windlass audit`.',
        tags: ['releases'],
        params: productParams,
        querystring: flowQuery.extend({ release: releaseId.optional().describe('One that has ended') }),
        response: { 200: z.object({ record: releaseRecord, parts: z.array(part) }), ...problems },
      },
    },
    async (request) => {
      const { product } = request.params;
      const { kind, release } = request.query;
      const record =
        release === undefined
          ? (await requireCurrent(deps, product, kind)).record
          : await requireArchived(deps, product, release);
      const parts = await Promise.all((record.trail ?? []).map((one) => readPart(deps, record, one)));
      return { record: presentRecord(record), parts };
    },
  );
}

/** A part that cannot be read is what an audit is to find: it is told, not thrown. */
async function readPart(
  deps: ApiDeps,
  record: ReleaseRecord,
  { count, ref }: TrailPart,
): Promise<z.input<typeof part>> {
  const about = { count, digest: ref.digest };
  try {
    const text = await deps.gateway.readText(ref);
    if (text === undefined) return { ...about, fault: 'missing' };
    const entries = JSON.parse(text) as TimelineEntry[];
    return { ...about, entries: presentEntries(entries, record) };
  } catch (error) {
    if ((error as Error).name === 'StoreCorrupt' || error instanceof SyntaxError) {
      return { ...about, fault: 'corrupt' };
    }
    throw error;
  }
}
