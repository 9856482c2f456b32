import { readEntry } from '../providers/store/entries.ts';
import type { Store } from '../providers/store/store.ts';
import type { HistoryEntry } from '../release/record/environment-history.ts';
import { historyFolder, recordName, recordsFolder } from '../release/record/kept-names.ts';
import type { ReleaseRecord } from '../release/record/record.ts';
import { compactDay, readReleaseId } from '../release/record/release-id.ts';

/** Records of releases that have ended, by the names that the release role gives them. */
export interface Archive {
  list(product: string): Promise<string[]>;
  /** Ids of the days since then, the newest day first. */
  listSince(product: string, since: Date): Promise<string[]>;
  read(product: string, releaseId: string): Promise<ReleaseRecord | undefined>;
  readLast(product: string, kind: string): Promise<ReleaseRecord | undefined>;
  /** What the production environments of a record run now, by their own history; none where nothing is kept. */
  listRunning(record: ReleaseRecord): Promise<string[]>;
}

/**
 * The archive in the store that the release role writes. A record that is not there is undefined, a product without
 * any an empty list.
 */
export function openArchive(store: Pick<Store, 'readNamed' | 'listNamed'>): Archive {
  const list = async (product: string) => {
    const prefix = recordsFolder(product);
    const names = await store.listNamed(prefix);
    return names.flatMap((name) =>
      name.endsWith('.json') ? [name.slice(prefix.length, -'.json'.length)] : [],
    );
  };
  const read = (product: string, releaseId: string) =>
    readEntry<ReleaseRecord>(store, recordName(product, releaseId));
  const readRunning = async (product: string, environment: string) => {
    const newest = (await store.listNamed(historyFolder(product, environment))).at(-1);
    return newest === undefined ? undefined : (await readEntry<HistoryEntry>(store, newest))?.version;
  };
  return {
    list,
    async listSince(product, since) {
      const first = compactDay(since.toISOString());
      const ids = (await list(product)).filter((id) => dayOf(id) >= first);
      return ids.sort((a, b) => (dayOf(a) < dayOf(b) ? 1 : -1));
    },
    read,
    async listRunning({ product, environments }) {
      const production = environments.filter(({ kind }) => kind === 'production');
      const found = await Promise.all(production.map(({ name }) => readRunning(product, name)));
      return [...new Set(found.filter((version) => version !== undefined))];
    },
    async readLast(product, kind) {
      const ids = await list(product);
      // Ids hold the day; kinds, and the order within a day, only the records know.
      const days = [...new Set(ids.map(dayOf))].sort().reverse();
      for (const day of days) {
        const records = await Promise.all(
          ids.filter((id) => dayOf(id) === day).map((id) => read(product, id)),
        );
        const last = records
          .filter((record): record is ReleaseRecord => record?.kind === kind)
          .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
          .at(-1);
        if (last) return last;
      }
      return undefined;
    },
  };
}

function dayOf(releaseId: string): string {
  return readReleaseId(releaseId)?.day ?? '';
}
