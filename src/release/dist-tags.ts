import { compareVersions, isPrerelease } from './plan/version.ts';

/** `1.x`, `1.2.x`, `v1.x`, `release/1.2.x`, `maint-1.x.x`: a branch on which an older line is kept alive. */
const MAINTENANCE_BRANCH = /(?:^|[/-])v?(\d+(?:\.\d+)?)(?:\.x){1,2}$/;

/**
 * The channel of a pre-release: what the product says that it makes (`release_type`), else the word in the version
 * itself (`2.0.0-beta.1`, `2.0.0-rc1`), else `next`. Never `latest`, which is what people get who ask for nothing.
 */
export function prereleaseChannel(version: string, releaseType: string): string {
  if (releaseType !== 'stable') return releaseType;
  const [, word = ''] = /^[^-+]*-([A-Za-z][A-Za-z-]*)/.exec(version) ?? [];
  const channel = word.replace(/-+$/, '').toLowerCase();
  return channel === '' || channel === 'latest' || channel === 'x' || channel.startsWith('windlass')
    ? 'next'
    : channel;
}

/** The line that a branch keeps alive (`1`, `1.2`); undefined for a branch that is no maintenance branch. */
export function maintenanceLine(branch: string): string | undefined {
  return MAINTENANCE_BRANCH.exec(branch)?.[1];
}

/**
 * The channels that a version asks for, by the version itself and by what `latest` holds now. A pre-release has a
 * channel of its own. A stable version asks for `latest`; where a higher stable one has that, and on a maintenance
 * branch in any case, its line has a channel too (`release-1.x`, as semantic-release names it).
 */
export function channelsOf(of: {
  version: string;
  releaseType: string;
  branch: string;
  latest: string | undefined;
}): string[] {
  const { version, latest } = of;
  if (isPrerelease(version)) return [prereleaseChannel(version, of.releaseType)];
  const isOvertaken = latest !== undefined && !isPrerelease(latest) && compareVersions(latest, version) > 0;
  const line = maintenanceLine(of.branch) ?? (isOvertaken ? lineBelow(version, latest) : undefined);
  return ['latest', ...(line === undefined ? [] : [`release-${line}.x`])];
}

/** The widest line that holds the version and not the one that overtook it. */
function lineBelow(version: string, latest: string): string | undefined {
  const [major, minor] = version.split('.');
  const [latestMajor, latestMinor] = latest.split('.');
  if (major !== latestMajor) return major;
  return minor === latestMinor ? undefined : `${major}.${minor}`;
}

/**
 * A moving tag as the configuration writes it, for one version: `{major}` and `{major}.{minor}` are filled in.
 */
export function fillMovingTag(template: string, version: string): string {
  const [major = '', minor = ''] = version.split('.');
  return template.replaceAll('{major}', major).replaceAll('{minor}', minor);
}
