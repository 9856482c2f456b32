import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` is truthy and returns what it returned; asks every 20 ms.
 * @throws with `what` in the message after `limitMs`.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 120_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined>;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs} ms in vain for ${what}.`);
    await delay(20);
  }
}
