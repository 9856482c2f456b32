import type { ReleaseRecord } from './record.ts';

/** Whether a production environment runs the version of this run, all of it, as far as the run knows. */
export function isLive({ plan, environments }: ReleaseRecord): boolean {
  return environments.some(
    ({ kind, version, share, deployedAt }) =>
      kind === 'production' && version === plan?.version && share === 100 && deployedAt !== undefined,
  );
}
