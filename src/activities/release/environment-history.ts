import { createHash } from 'node:crypto';
import type { ReleaseActivities } from '../../contracts/activities.ts';
import { type HistoryEntry, readHistoryOf, sortHistory } from '../../release/record/environment-history.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';

/** Entries and records that are looked at, the newest last. */
const LOOKED_AT = 200;

/** Keeps one entry. Its name is made of what it says, so that the same one twice is one, and none replaces another. */
export function noteHistory(deps: ActivityDeps): ReleaseActivities['noteHistory'] {
  return async ({ entry }) => {
    const bytes = Buffer.from(`${JSON.stringify(entry, undefined, 2)}\n`);
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    const name = `${folderOf(entry.product, entry.environment)}${entry.at.replaceAll(':', '-')}-${digest}.json`;
    const effect = await performEffect(deps, {
      name: 'environment-history',
      key: `${entry.releaseId}/environment-history/${name}`,
      target: `history of ${entry.environment} of ${entry.product}`,
      read: async () =>
        (await deps.store.readNamed(name))?.equals(bytes)
          ? { is: 'ours', value: { name }, proof: name }
          : { is: 'absent' },
      write: () => deps.store.putNamed(name, bytes),
    });
    return effect.value;
  };
}

/**
 * What ran in an environment, as far as it is kept: the one place that says where a rollback may go. What was released
 * before there was such a history is told by the archived records.
 */
export async function readHistory(
  deps: ActivityDeps,
  product: string,
  environment: string,
): Promise<HistoryEntry[]> {
  const kept = await readEntries<HistoryEntry>(deps, folderOf(product, environment));
  const begins = kept.map(({ at }) => Date.parse(at)).reduce((a, b) => Math.min(a, b), Infinity);
  const known = new Set(kept.map(({ releaseId, event }) => `${releaseId} ${event}`));
  const told = (await readRecords(deps, product))
    .flatMap((record) => readHistoryOf(record, environment))
    .filter((entry) => Date.parse(entry.at) < begins && !known.has(`${entry.releaseId} ${entry.event}`));
  return sortHistory([...told, ...kept]);
}

/** What ran in any of a product's production environments, one environment after the other. */
export async function readProductionHistory(
  deps: ActivityDeps,
  { name, environments }: ProductSettings,
): Promise<HistoryEntry[]> {
  const production = environments.filter(({ kind }) => kind === 'production');
  return (await Promise.all(production.map((one) => readHistory(deps, name, one.name)))).flat();
}

/** The newest archived records of a product, the newest last. */
export async function readRecords(deps: ActivityDeps, product: string): Promise<ReleaseRecord[]> {
  return await readEntries<ReleaseRecord>(deps, `records/${product}/`);
}

async function readEntries<Entry>(deps: ActivityDeps, folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const name of (await deps.store.listNamed(folder)).slice(-LOOKED_AT)) {
    const bytes = await deps.store.readNamed(name);
    if (bytes) entries.push(JSON.parse(bytes.toString('utf8')) as Entry);
  }
  return entries;
}

function folderOf(product: string, environment: string): string {
  return `history/${product}/${environment}/`;
}
