import type { NpmFailure } from './failure.ts';
import { refusePackage } from './failure.ts';
import type { PackedManifest } from './tarball.ts';

const DEPENDENCIES = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** Ranges that only the workspace of their author understands: nobody can install a package that has them. */
const LOCAL_RANGE = /^(?:workspace|catalog|link|file|portal|patch):/;

const WAY_OUT =
  'Say the range that is meant, or have the build script pack it with the workspace’s own tool (`pnpm pack`, `yarn pack`) and name the tarball: {"packages": {"npm": "….tgz"}}. Then replan.';

/** What npm runs before it publishes (`npm help scripts`), and Windlass does not, since packing gets no secrets. */
const LIFECYCLE = ['prepublish', 'prepare', 'prepublishOnly', 'prepack'] as const;

/** Whether a range says where its author has the package, and not which of the registry's versions. */
export function isLocalRange(range: unknown): range is string {
  return typeof range === 'string' && LOCAL_RANGE.test(range);
}

/** Each dependency that could not be installed from a registry, as `name@range`. */
function findLocalRanges(manifest: Record<string, unknown>): string[] {
  return DEPENDENCIES.flatMap((field) => {
    const ranges = manifest[field];
    if (typeof ranges !== 'object' || ranges === null) return [];
    return Object.entries(ranges).flatMap(([name, range]) =>
      isLocalRange(range) ? [`${name}@${range}`] : [],
    );
  });
}

/** The lifecycle scripts that would run on publishing. */
export function findLifecycle(manifest: Record<string, unknown>): string[] {
  const scripts = manifest['scripts'];
  if (typeof scripts !== 'object' || scripts === null) return [];
  return LIFECYCLE.filter((name) => typeof (scripts as Record<string, unknown>)[name] === 'string');
}

/** Entries that package.json names (`main`, `bin`) and the packed files lack. */
export function findMissingEntries(manifest: PackedManifest, files: readonly string[]): string[] {
  const { main, bin } = manifest;
  const bins = typeof bin === 'object' && bin !== null ? Object.values(bin) : [bin];
  const named = [main, ...bins].filter((entry): entry is string => typeof entry === 'string' && entry !== '');
  return named.filter((entry) => {
    const path = entry.replace(/^\.?\//, '').replace(/\/$/, '');
    const tries = path === '' || path === '.' ? ['index.js', 'index.json'] : candidatesOf(path);
    return !tries.some((candidate) => files.includes(candidate));
  });
}

/** As Node looks for `main`. */
function candidatesOf(path: string): string[] {
  return [path, ...['.js', '.json', '.node', '/index.js', '/index.json'].map((end) => `${path}${end}`)];
}

/** What must be said before such a package is published; undefined for one that can be. */
export function refuseLocalRanges(manifest: Record<string, unknown>): NpmFailure | undefined {
  return refuseUnresolved(findLocalRanges(manifest));
}

/** The same of dependencies that somebody else found. */
export function refuseUnresolved(local: readonly string[]): NpmFailure | undefined {
  if (local.length === 0) return undefined;
  return refusePackage(
    `The package depends on ${local.slice(0, 5).join(', ')}, which no registry has: nobody could install it.`,
    WAY_OUT,
  );
}
