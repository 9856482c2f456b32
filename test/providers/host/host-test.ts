/** What the tests of all hosts do alike. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { performEffect } from '../../../src/activities/perform-effect.ts';
import type { HostFailure } from '../../../src/providers/host/failure.ts';
import type { HostEffect } from '../../../src/providers/host/host.ts';
import type { HostSettings } from '../../../src/release/settings.ts';

/** For `performEffect` where nobody disturbs it. */
export const CALM = { barrier: async () => undefined, isOwned: () => true };

/** An effect as a worker does it, and what came of it. */
export async function perform<T>(effect: HostEffect<T>): Promise<T> {
  return (await performEffect(CALM, effect)).value;
}

/** Reads the failure that something ends with: one of this kind, without a token in it. */
export function failuresOf<Failure extends HostFailure>(
  kind: new (...facts: never[]) => Failure,
): (promise: Promise<unknown>) => Promise<Failure> {
  return async (promise) => {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).not.toContain('token-of-');
    return error as Failure;
  };
}

/** A product's settings of a host, with nothing special in them but what is given. */
export function settingsOf(
  host: Pick<HostSettings, 'kind' | 'apiUrl' | 'project'> & Partial<HostSettings>,
): HostSettings {
  return { token: 'host', blockingLabels: [], customerLabel: 'customer', ...host };
}

/** The id of a commit that is nowhere, always the same for a text. */
export function sha(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
