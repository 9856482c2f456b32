import type { ApiDeps } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import type { CurrentRelease } from '../gateway.ts';
import { type Snapshot, watchRelease } from './release-watch.ts';

/** A product's release, or another of its flows. */
export interface Flow {
  product: string;
  kind: FlowKind;
}

/** One viewer. `onSnapshot` must not throw. */
export interface Viewer {
  person: string;
  onSnapshot: (snapshot: Snapshot) => void;
  /** Temporal or its worker is away; what was shown may be old. */
  onStale: () => void;
  onClose: () => void;
}

/** The watched releases of this process: one watcher each, started by its first viewer, ended after its last. */
export interface Feeds {
  readonly streams: number;
  countOf(person: string): number;
  /** Shows the present state at once if there is one. Returns how to leave. */
  join(flow: Flow, viewer: Viewer): () => void;
  /** What is being shown, where somebody is watching: saves a query. */
  latest(flow: Flow): CurrentRelease | undefined;
  close(): Promise<void>;
}

interface Feed {
  viewers: Set<Viewer>;
  stop: AbortController;
  latest: Snapshot | undefined;
  stale: boolean;
  done: Promise<void>;
}

/**
 * A feed for each flow that somebody watches: one watcher of Temporal however many look, ended with the last of them.
 */
export function createFeeds(deps: ApiDeps): Feeds {
  const feeds = new Map<string, Feed>();
  const allViewers = () => [...feeds.values()].flatMap((feed) => [...feed.viewers]);

  const open = (flow: Flow): Feed => {
    const stop = new AbortController();
    const feed: Feed = { viewers: new Set(), stop, latest: undefined, stale: false, done: Promise.resolve() };
    feed.done = watchRelease({
      gateway: deps.gateway,
      ...flow,
      signal: stop.signal,
      onChange: (snapshot) => {
        feed.stale = false;
        if (feed.latest?.id === snapshot.id) return;
        feed.latest = snapshot;
        for (const viewer of feed.viewers) viewer.onSnapshot(snapshot);
      },
      onError: (error) => {
        deps.log('warn', 'a release cannot be watched', { ...flow, error: String(error) });
        feed.stale = true;
        for (const viewer of feed.viewers) viewer.onStale();
      },
    });
    feeds.set(keyOf(flow), feed);
    return feed;
  };

  return {
    get streams() {
      return [...feeds.values()].reduce((sum, feed) => sum + feed.viewers.size, 0);
    },
    countOf: (person) => allViewers().filter((viewer) => viewer.person === person).length,
    join(flow, viewer) {
      const feed = feeds.get(keyOf(flow)) ?? open(flow);
      feed.viewers.add(viewer);
      if (feed.latest) viewer.onSnapshot(feed.latest);
      return () => {
        feed.viewers.delete(viewer);
        if (feed.viewers.size > 0 || feeds.get(keyOf(flow)) !== feed) return;
        feeds.delete(keyOf(flow));
        feed.stop.abort();
      };
    },
    latest(flow) {
      const feed = feeds.get(keyOf(flow));
      return feed && !feed.stale ? feed.latest?.current : undefined;
    },
    async close() {
      const open = [...feeds.values()];
      for (const viewer of allViewers()) viewer.onClose();
      feeds.clear();
      for (const feed of open) feed.stop.abort();
      await Promise.all(open.map((feed) => feed.done));
    },
  };
}

function keyOf({ product, kind }: Flow): string {
  return `${kind}/${product}`;
}
