import { join } from 'node:path/posix';
import type { Mirror } from '../../integrations/git/mirror/mirror.ts';
import { listRefs, readFileAt } from '../../integrations/git/mirror/mirror.ts';
import { BRANCH_TEXTS, fillGitText } from '../../release/git-texts.ts';
import { parseTag } from '../../release/plan/tag-format.ts';
import { isPrerelease, nextVersion } from '../../release/plan/version.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { listRegistries, openProductRegistry } from '../open-registry.ts';
import type { KeptPast } from './environment-history.ts';
import { isLeftover } from './leftovers.ts';

export interface UsedUp {
  by: 'record' | 'tag' | 'registry' | 'branch';
  /** The end of a sentence about the version: `was rolled back (…)`. */
  why: string;
}

export interface UsedVersions {
  find(version: string): Promise<UsedUp | undefined>;
  /** By registry: the versions that it has. One that gave no answer is not there. */
  listed: ReadonlyMap<string, readonly string[]>;
}

/**
 * Which versions cannot be released any more: by tags, registries, branches of somebody else, and Windlass's own records
 * of what went live, was published, or was rolled back. A branch that an earlier run of this product left behind, and
 * nothing else, uses nothing up: it is taken over.
 */
export async function findUsedVersions(
  deps: ActivityDeps,
  product: ProductSettings,
  mirror: Mirror,
  past: KeptPast,
  at: { base: string; releaseId: string },
): Promise<UsedVersions> {
  const used = new Map<string, UsedUp>();
  const note = (version: string, by: UsedUp['by'], why: string) => {
    if (!used.has(version)) used.set(version, { by, why });
  };
  for (const { plan, outcome, publications, releaseId } of await past.records()) {
    if (!plan || releaseId === at.releaseId) continue;
    if (outcome === 'rolled_back') note(plan.version, 'record', `was rolled back (${releaseId})`);
    else if (outcome === 'aborted' && publications.length > 0) {
      note(plan.version, 'record', `was published before its release was aborted (${releaseId})`);
    }
  }
  for (const entry of await past.production()) {
    if (entry.event !== 'went_live' || entry.releaseId === at.releaseId) continue;
    note(entry.version, 'record', `was live in ${entry.environment} (${entry.releaseId})`);
  }
  for (const tag of await listRefs(mirror, 'refs/tags/')) {
    const version = parseTag(product.tagFormat, tag);
    if (version) note(version, 'tag', `has the tag ${tag}`);
  }
  const listed = new Map<string, readonly string[]>();
  for (const name of listRegistries(product)) {
    try {
      const registry = await openProductRegistry(deps, product, name);
      const read = (path: string) => readFileAt(mirror, at.base, join(product.path, path));
      const versions = await registry.listVersions(read);
      for (const version of versions) note(version, 'registry', `is in the registry ${name}`);
      listed.set(name, versions);
    } catch {
      // Whoever needs its answer asks it once more, and says what it said.
    }
  }
  const branches = new Set(await listRefs(mirror, 'refs/remotes/origin/'));
  return {
    listed,
    find: async (version) => {
      const known = used.get(version);
      if (known !== undefined) return known;
      for (const kind of BRANCH_TEXTS) {
        const branch = fillGitText(kind, product.git, { product: product.name, version });
        if (!branches.has(branch)) continue;
        const ref = `refs/remotes/origin/${branch}`;
        if (await isLeftover(mirror, product.name, ref)) continue;
        return { by: 'branch', why: `has the branch ${branch}, on which somebody else works` };
      }
      return undefined;
    },
  };
}

/**
 * The version, or the next one above it that is free, with a sentence for each that was passed over. A used-up version
 * is never a dead end: the fix after a rollback, or after an abort, takes the next number.
 */
export async function takeFree(
  used: UsedVersions,
  wanted: string,
): Promise<{ version: string; passed: string[] }> {
  const passed: string[] = [];
  for (let version = wanted; ; version = nextFreeOf(version)) {
    const found = await used.find(version);
    if (!found) return { version, passed };
    passed.push(`${version} is used up: it ${found.why}`);
  }
}

/** The number after it in its own line: `1.3.1` after `1.3.0`, `2.0.0-rc.2` after `2.0.0-rc.1`. */
function nextFreeOf(version: string): string {
  if (!isPrerelease(version)) return nextVersion(version, 'patch');
  const counted = version.replace(/(\d+)$/, (number) => String(Number(number) + 1));
  return counted === version ? `${version}.1` : counted;
}
