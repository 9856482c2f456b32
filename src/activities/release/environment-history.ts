import { createHash } from 'node:crypto';
import type { ReleaseActivities } from '../../contracts/activities.ts';
import { encodeEntry, readEntries } from '../../providers/store/entries.ts';
import { type HistoryEntry, readHistoryOf, sortHistory } from '../../release/record/environment-history.ts';
import { historyFolder, recordsFolder } from '../../release/record/kept-names.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { askOnce } from '../ask-once.ts';
import type { ActivityDeps } from '../deps.ts';
import { keepEntry } from '../keep-entry.ts';

/** Entries and records that are looked at, the newest last. */
const LOOKED_AT = 200;

/** Keeps one entry. Its name is made of what it says, so that the same one twice is one, and none replaces another. */
export function noteHistory(deps: ActivityDeps): ReleaseActivities['noteHistory'] {
  return async ({ entry }) => {
    const digest = createHash('sha256').update(encodeEntry(entry)).digest('hex').slice(0, 12);
    const name = `${historyFolder(entry.product, entry.environment)}${entry.at.replaceAll(':', '-')}-${digest}.json`;
    const effect = {
      name: 'environment-history',
      key: `${entry.releaseId}/environment-history/${name}`,
      target: `history of ${entry.environment} of ${entry.product}`,
    } as const;
    return await keepEntry(deps, effect, name, entry);
  };
}

/** What is kept of a product, for one question: each part is read once, when it is first wanted. */
export interface KeptPast {
  /** The newest archived records, the newest last. */
  records(): Promise<ReleaseRecord[]>;
  /**
   * What ran in an environment, as far as it is kept: the one place that says where a rollback may go. What was released
   * before there was such a history is told by the archived records.
   */
  of(environment: string): Promise<HistoryEntry[]>;
  /** What ran in any of the product's production environments, one environment after the other. */
  production(): Promise<HistoryEntry[]>;
}

/** Opens what is kept of a product; nothing is read yet. */
export function openPast(
  deps: ActivityDeps,
  { name, environments }: Pick<ProductSettings, 'name' | 'environments'>,
): KeptPast {
  const records = askOnce(() => readNewest<ReleaseRecord>(deps, recordsFolder(name)));
  const histories = new Map<string, () => Promise<HistoryEntry[]>>();
  const of = (environment: string) => {
    const history =
      histories.get(environment) ?? askOnce(() => readHistory(deps, name, environment, records()));
    histories.set(environment, history);
    return history();
  };
  const production = environments.filter(({ kind }) => kind === 'production');
  return {
    records,
    of,
    production: async () => (await Promise.all(production.map((one) => of(one.name)))).flat(),
  };
}

async function readHistory(
  deps: ActivityDeps,
  product: string,
  environment: string,
  records: Promise<ReleaseRecord[]>,
): Promise<HistoryEntry[]> {
  const folder = historyFolder(product, environment);
  const [kept, archived] = await Promise.all([readNewest<HistoryEntry>(deps, folder), records]);
  const begins = kept.map(({ at }) => Date.parse(at)).reduce((a, b) => Math.min(a, b), Infinity);
  const known = new Set(kept.map(({ releaseId, event }) => `${releaseId} ${event}`));
  const told = archived
    .flatMap((record) => readHistoryOf(record, environment))
    .filter((entry) => Date.parse(entry.at) < begins && !known.has(`${entry.releaseId} ${entry.event}`));
  return sortHistory([...told, ...kept]);
}

async function readNewest<Entry>({ store }: ActivityDeps, folder: string): Promise<Entry[]> {
  const names = (await store.listNamed(folder)).slice(-LOOKED_AT);
  return (await readEntries<Entry>(store, names)).map(({ entry }) => entry);
}
