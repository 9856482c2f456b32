import type { Acting } from '../../../contracts/activities.ts';
import { isBuildBeyond, listBeyond, type Retention } from '../../../release/policy/retention.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { Holdings } from './holdings.ts';

/** What retention deletes: the bytes of a version, or of a build that was never released. */
export interface Removable {
  /** The release that made them. */
  releaseId: string;
  version: string;
  isReleased: boolean;
  /** When it was released or, else, made; ISO 8601. */
  at: string;
  /** Those that nothing else needs. */
  parts: StoreRef[];
}

/**
 * What may be deleted of a product, oldest first. `live`: versions that an environment runs, or would go back to. What a
 * flow has taken up that has not ended, or a release in flight has built, is needed as well, whatever its age. The release
 * on whose account it is asked is ending: its version is the newest.
 */
export function chooseRemovable(
  { product, releaseId: ending }: Acting,
  retention: Retention,
  { made, released, used, ended }: Holdings,
  live: ReadonlySet<string>,
  now: number,
): Removable[] {
  const needed = new Set([
    ...live,
    ...used.filter(({ releaseId }) => !ended.has(releaseId)).map(({ version }) => version),
  ]);
  const own = released.filter((one) => one.product === product).map(({ kept }) => kept);
  // Of what was released before its time was noted nobody knows the age: it stays.
  const dated = own.flatMap(({ version, releasedAt: at }) => (at === undefined ? [] : [{ version, at }]));
  const newest = made.find((one) => one.product === product && one.releaseId === ending);
  if (newest) dated.push({ version: newest.version, at: new Date(now).toISOString() });
  const beyond = new Set(listBeyond(retention, dated, needed, now));
  const versions = own.filter(({ version }) => beyond.has(version));
  const isOwnRelease = new Set(own.map(({ releaseId }) => releaseId));
  const builds = made.filter(
    (one) =>
      one.product === product &&
      ended.has(one.releaseId) &&
      !isOwnRelease.has(one.releaseId) &&
      !needed.has(one.version) &&
      isBuildBeyond(retention, dated, one.at, now),
  );
  const goes = new Set([...versions, ...builds].map(({ releaseId }) => releaseId));
  const stays = new Set(
    [
      ...made
        .filter((one) => one.product !== product || !goes.has(one.releaseId))
        .flatMap(({ parts }) => parts),
      ...released
        .filter((one) => one.product !== product || !goes.has(one.kept.releaseId))
        .flatMap(({ kept }) => kept.artifact ?? []),
      // What tells of a version stays when its bytes go.
      ...released.flatMap(({ kept: { notes, changelog } }) => [notes, changelog]),
    ].map(({ digest }) => digest),
  );
  const partsOf = (releaseId: string, artifact?: StoreRef): StoreRef[] => {
    const of = made.find((one) => one.product === product && one.releaseId === releaseId);
    const all = [
      ...(of === undefined || of.removedBy !== undefined ? [] : of.parts),
      ...(artifact && !of ? [artifact] : []),
    ];
    return all.filter(({ digest }) => !stays.has(digest));
  };
  const isOpen = (releaseId: string) =>
    !made.some(
      (one) => one.product === product && one.releaseId === releaseId && one.removedBy !== undefined,
    );
  return [
    ...versions.map(({ releaseId, version, releasedAt = '', artifact }) => ({
      ...{ releaseId, version, isReleased: true, at: releasedAt, parts: partsOf(releaseId, artifact) },
    })),
    ...builds.map(({ releaseId, version, at }) => ({
      ...{ releaseId, version, isReleased: false, at, parts: partsOf(releaseId) },
    })),
  ]
    .filter(({ releaseId }) => isOpen(releaseId))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
