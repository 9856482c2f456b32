/** What an approver should know before saying yes to a version. Pure. */
import type { ProductSettings } from './settings.ts';

/** That a version, or what it contains, was taken back from production before: the first thing to know. */
export function listTakenBack(versions: readonly string[], version: string | undefined): string[] {
  const others = versions.filter((one) => one !== version);
  return [
    ...(version !== undefined && versions.includes(version)
      ? [`${version} was rolled back before: say why it is good now`]
      : []),
    ...(others.length === 0
      ? []
      : [`it contains ${others.join(', ')}, which was rolled back: make sure that the cause is mended`]),
  ];
}

/** Risks that come from how the product is configured; without an earlier version there is no way back at all. */
export function listConcerns(
  settings: Pick<ProductSettings, 'migrationsBackwardCompatible' | 'release'>,
  previousVersion: string | undefined,
): string[] {
  return [
    ...(settings.migrationsBackwardCompatible
      ? []
      : [
          'its migrations are not backward compatible: traffic is not switched back by itself, and going back may need the database backup, which loses every write since',
        ]),
    ...(settings.release.requireQualityGates ? [] : ['load and profiling gates are advisory only']),
    ...(settings.release.rollbackOnFailure ? [] : ['it is not rolled back by itself when production fails']),
    ...(previousVersion === undefined ? ['there is no earlier version to go back to'] : []),
  ];
}
