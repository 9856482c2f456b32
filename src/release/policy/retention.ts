import { formatDuration } from '../duration.ts';

/** For how long the bytes of released versions stay in the store. What either of them keeps stays. */
export interface Retention {
  /** So many versions, the newest by the time of their release. */
  keepVersions?: number;
  /** Versions that were released within that time, in milliseconds. */
  keepForMs?: number;
}

/** A released version, with the time of its release, ISO 8601. */
export interface ReleasedAt {
  version: string;
  at: string;
}

/** The newest and the one before it stay whatever the policy says: one is what people run, the other is the way back. */
const ALWAYS_KEPT = 2;

/** The versions that the policy lets go, oldest first. `needed`: those that stay, whatever it says. */
export function listBeyond(
  { keepVersions, keepForMs }: Retention,
  released: readonly ReleasedAt[],
  needed: ReadonlySet<string>,
  now: number,
): string[] {
  if (keepVersions === undefined && keepForMs === undefined) return [];
  const newestFirst = released.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const beyond = newestFirst.filter(({ version, at }, place) => {
    if (place < Math.max(keepVersions ?? 0, ALWAYS_KEPT) || needed.has(version)) return false;
    return keepForMs === undefined || now - Date.parse(at) >= keepForMs;
  });
  return beyond.map(({ version }) => version).reverse();
}

/**
 * Whether a build that was never released goes as well: it goes with the versions of its time.
 * `at`: when it was made, ISO 8601.
 */
export function isBuildBeyond(
  { keepVersions, keepForMs }: Retention,
  released: readonly ReleasedAt[],
  at: string,
  now: number,
): boolean {
  if (keepVersions === undefined && keepForMs === undefined) return false;
  if (keepForMs !== undefined && now - Date.parse(at) < keepForMs) return false;
  const since = released.filter((version) => Date.parse(version.at) > Date.parse(at));
  return since.length >= Math.max(keepVersions ?? 0, ALWAYS_KEPT);
}

/** The policy in words, such as `beyond the newest 5 versions and older than 90d`. */
export function describeRetention({ keepVersions, keepForMs }: Retention): string {
  return [
    ...(keepVersions === undefined
      ? []
      : [`beyond the newest ${Math.max(keepVersions, ALWAYS_KEPT)} versions`]),
    ...(keepForMs === undefined ? [] : [`older than ${formatDuration(keepForMs)}`]),
  ].join(' and ');
}
