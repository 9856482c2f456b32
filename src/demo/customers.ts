import { setTimeout as delay } from 'node:timers/promises';

/** Requests a second: enough to judge an error rate within seconds, little enough for any laptop. */
const REQUESTS_PER_SECOND = 20;
const PATHS = ['/products', '/products?q=a', '/healthz'];

/** Visitors of the demo's production, so that monitoring has something to measure. */
export function startCustomers(url: string): { stop(): Promise<void>; served(): number; failed(): number } {
  const ending = new AbortController();
  let served = 0;
  let failed = 0;
  const visiting = (async () => {
    for (let visit = 0; !ending.signal.aborted; visit++) {
      void fetch(`${url}${PATHS[visit % PATHS.length]}`, { signal: AbortSignal.timeout(5_000) })
        .then(async (answer) => {
          await answer.arrayBuffer();
          if (answer.ok) served += 1;
          else failed += 1;
        })
        .catch(() => {
          failed += 1;
        });
      await delay(1_000 / REQUESTS_PER_SECOND, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    served: () => served,
    failed: () => failed,
    stop: async () => {
      ending.abort();
      await visiting;
    },
  };
}
