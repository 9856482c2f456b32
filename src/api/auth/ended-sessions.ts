import { API_MS } from '../../release/policy/inner-times.ts';

/** Sessions that were signed out before their time: a copy of such a cookie opens nothing any more, at no copy of the API. */
export interface EndedSessions {
  end(id: string): Promise<void>;
  hasEnded(id: string): Promise<boolean>;
}

/** What is needed of the store that all copies of the API share. */
interface NamedEntries {
  createNamed(name: string, bytes: Uint8Array): Promise<boolean>;
  readNamed(name: string): Promise<Buffer | undefined>;
}

/** More sessions than that are not remembered at once; who is forgotten is looked up. */
const REMEMBERED = 10_000;

/** Keeps them in the store. A session that was signed out at this copy has ended at once, at the others within 5 s. */
export function keepEndedSessions(store: NamedEntries, clock: () => Date): EndedSessions {
  const ended = new Set<string>();
  const seen = new Map<string, number>();
  return {
    async end(id) {
      ended.add(id);
      await store.createNamed(nameOf(id), Buffer.from(`${clock().toISOString()}\n`));
    },
    async hasEnded(id) {
      if (ended.has(id)) return true;
      const now = clock().getTime();
      if (now - (seen.get(id) ?? Number.NEGATIVE_INFINITY) < API_MS.endedSession) return false;
      if ((await store.readNamed(nameOf(id))) !== undefined) {
        ended.add(id);
        return true;
      }
      if (seen.size >= REMEMBERED) seen.clear();
      seen.set(id, now);
      return false;
    },
  };
}

/** Ids are base64url, and names begin with a letter. */
function nameOf(id: string): string {
  return `signed-out/s${id}`;
}
