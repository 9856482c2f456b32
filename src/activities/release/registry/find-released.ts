import type { ReleaseActivities } from '../../../contracts/activities.ts';
import type { ReleasedVersion } from '../../../contracts/release-answers.ts';
import { unpackCommit } from '../../../integrations/git/bundle.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { fetchMirror, findCommit, listRefs } from '../../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../../integrations/git/names.ts';
import { formatTag, parseTag } from '../../../release/plan/tag-format.ts';
import { bumpBetween, compareVersions, isPrerelease, isVersion } from '../../../release/plan/version.ts';
import {
  findMade,
  findTakenBack,
  hasRun,
  versionBefore,
} from '../../../release/record/environment-history.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { type KeptPast, openPast } from '../environment-history.ts';
import { noteUse } from '../retention/holdings.ts';
import { findBytes } from './find-bytes.ts';

type Wanted = Parameters<ReleaseActivities['findReleased']>[0];

type Placed = Pick<ReleasedVersion, 'commit' | 'bundle'>;

/**
 * A version that is released, by its tag; or one that went live and has no tag yet, by the history of the environment
 * in which it did. Its bytes are in the store, or come from the registry that has them.
 */
export function findReleased(deps: ActivityDeps): ReleaseActivities['findReleased'] {
  return async (wanted) => {
    const product = findProduct(deps, wanted.product);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const versions = await listReleased(mirror, product);
    const past = openPast(deps, product);
    const version = await chooseVersion(past, product, versions, wanted);
    const tag = formatTag(product.tagFormat, version);
    const placed = versions.includes(version)
      ? await placeByTag(mirror, tag)
      : await placeByHistory(deps, past, mirror, version);
    if (!placed) throw notReleased(product, version, versions);
    // Before anybody looks for the bytes: see `pruneStore`.
    if (wanted.releaseId !== undefined && wanted.tagOnly !== true)
      await noteUse(deps.store, product.name, wanted.releaseId, version);
    const before = versions.find((v) => compareVersions(v, version) < 0);
    return {
      version,
      tag,
      commit: placed.commit,
      ...(placed.bundle === undefined ? {} : { bundle: placed.bundle }),
      type: before === undefined ? 'major' : bumpBetween(before, version),
      ...(before === undefined ? {} : { previousVersion: before }),
      ...(await readTakenBack(past, version)),
      ...(await readBeyond(past, versions, wanted)),
      ...(wanted.tagOnly === true
        ? {}
        : await findBytes(deps, past, mirror, product, version, placed.commit)),
    };
  };
}

async function chooseVersion(
  past: KeptPast,
  product: ProductSettings,
  versions: readonly string[],
  wanted: Wanted,
): Promise<string> {
  if (wanted.version !== undefined) return wanted.version;
  if (wanted.before !== undefined) {
    const { environment, running } = wanted.before;
    const found = versionBefore(await past.of(environment), running);
    if (found !== undefined) return found;
    throw fail('Mistake', {
      what: `what ran in ${environment} of ${product.name} before ${running} is not known: nothing that Windlass put there came before it`,
      changed: 'nothing',
      next: `name the version to go back to (--to): one of ${versions
        .filter((one) => one !== running)
        .slice(0, 5)
        .join(', ')}`,
    });
  }
  const { below } = wanted;
  const takenBack = below === undefined ? new Set<string>() : await listTakenBack(past);
  const found = versions.find(
    (one) => below === undefined || (compareVersions(one, below) < 0 && !takenBack.has(one)),
  );
  if (found !== undefined) return found;
  const live = below === undefined ? await findLive(past) : undefined;
  if (live !== undefined) return live;
  throw fail('Mistake', {
    what: `there is no released version of ${product.name} below ${below ?? 'any'}`,
    changed: 'nothing',
    next: `name one of ${versions.slice(0, 5).join(', ') || '(none is released)'}`,
  });
}

/** Of a product whose first release has no tag yet: what went live last. */
async function findLive(past: KeptPast): Promise<string | undefined> {
  return (await past.production()).findLast(({ commit }) => commit !== undefined)?.version;
}

/** Versions whose last word is that they were rolled back. */
async function listTakenBack(past: KeptPast): Promise<Set<string>> {
  const takenBack = new Set<string>();
  for (const { plan, outcome } of await past.records()) {
    if (plan && outcome === 'rolled_back') takenBack.add(plan.version);
    else if (plan && (outcome === 'released' || outcome === 'completed')) takenBack.delete(plan.version);
  }
  return takenBack;
}

/** What lies between a version that was named and what runs: whose migrations the named one does not know. */
async function readBeyond(
  past: KeptPast,
  versions: readonly string[],
  { version, before }: Wanted,
): Promise<Pick<ReleasedVersion, 'beyond'>> {
  if (version === undefined || before === undefined) return {};
  const history = await past.of(before.environment);
  if (versionBefore(history, before.running) === version) return {};
  const live = history.map((entry) => entry.version).filter((one) => isVersion(one));
  const after = [...new Set([...versions, ...live])].filter(
    (one) => compareVersions(one, version) > 0 && compareVersions(one, before.running) <= 0,
  );
  return { beyond: after.sort((a, b) => compareVersions(b, a)) };
}

async function readTakenBack(past: KeptPast, version: string): Promise<Pick<ReleasedVersion, 'takenBack'>> {
  const history = await past.production();
  const known = hasRun(history, version);
  const isBad = known
    ? findTakenBack(history, version) !== undefined
    : (await listTakenBack(past)).has(version);
  return isBad ? { takenBack: true } : {};
}

async function placeByTag(mirror: Mirror, tag: string): Promise<Placed> {
  const commit = await findCommit(mirror, tagRef(tag));
  if (commit) return { commit };
  throw fail('Unavailable', { what: `${tag} vanished`, changed: 'nothing', next: 'retry' });
}

/** From go-live on there is a way back, whatever keeps the tag from being made. */
async function placeByHistory(
  deps: ActivityDeps,
  past: KeptPast,
  mirror: Mirror,
  version: string,
): Promise<Placed | undefined> {
  const found = findMade(await past.production(), version);
  if (found?.commit === undefined) return undefined;
  const { commit, bundle } = found;
  if (!bundle) return { commit };
  await unpackCommit(mirror, await deps.store.read(bundle), commit);
  return { commit, bundle };
}

function notReleased(product: ProductSettings, version: string, versions: readonly string[]) {
  return fail('Mistake', {
    what: `${version} of ${product.name} is not released: there is no tag ${formatTag(product.tagFormat, version)}`,
    changed: 'nothing',
    next: `name one of ${versions.slice(0, 5).join(', ') || '(none is released)'}`,
  });
}

/** Released versions, the highest first; pre-releases are not what anybody goes back to unasked. */
async function listReleased(mirror: Mirror, product: ProductSettings): Promise<string[]> {
  return (await listRefs(mirror, 'refs/tags/'))
    .flatMap((tag) => parseTag(product.tagFormat, tag) ?? [])
    .filter((version) => !isPrerelease(version))
    .sort((a, b) => compareVersions(b, a));
}
