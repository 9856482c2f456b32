import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` holds and gives what it gave. @throws with `what` after `limitMs`. */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs: number,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline)
      throw new Error(`waited ${Math.round(limitMs / 1_000)} s in vain for ${what}`);
    await delay(50);
  }
}
