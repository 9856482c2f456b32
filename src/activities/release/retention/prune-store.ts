import type { Effect, ReleaseActivities } from '../../../contracts/activities.ts';
import type { PrunedStore } from '../../../contracts/release-answers.ts';
import { readEntry, writeEntry } from '../../../providers/store/entries.ts';
import { describeRetention, type Retention } from '../../../release/policy/retention.ts';
import { versionBefore } from '../../../release/record/environment-history.ts';
import { madeName, releasedName } from '../../../release/record/kept-names.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct } from '../../deps.ts';
import { performEffect } from '../../perform-effect.ts';
import { openPast } from '../environment-history.ts';
import type { KeptVersion } from '../registry/kept-version.ts';
import { chooseRemovable, type Removable } from './choose-removable.ts';
import { type MadeBytes, readHoldings } from './holdings.ts';

/**
 * Deletes from the store what the retention of this worker's configuration lets go. A version is first marked as gone
 * and only then deleted, and whoever takes one up notes that before it looks for the mark: so one of them sees the other.
 */
export function pruneStore(deps: ActivityDeps): ReleaseActivities['pruneStore'] {
  return async ({ product: name, releaseId }) => {
    const product = findProduct(deps, name);
    const { retention } = product;
    const pruned: Effect<PrunedStore> = { value: { removed: [], policy: '' }, receipts: [] };
    if (retention === undefined) return pruned;
    const policy = describeRetention(retention);
    const marked = await listRemovable(deps, product, retention, releaseId);
    for (const one of marked) await mark(deps, product, one, { at: new Date().toISOString(), policy });
    const still = await listRemovable(deps, product, retention, releaseId);
    for (const one of marked) {
      const open = still.find((other) => other.releaseId === one.releaseId);
      if (open === undefined) {
        await mark(deps, product, one, undefined);
        continue;
      }
      const effect = await removeBytes(deps, product, open, releaseId);
      pruned.receipts.push(...effect.receipts);
      pruned.value.removed.push(effect.value);
    }
    return { ...pruned, value: { ...pruned.value, policy } };
  };
}

/** What would be deleted of a product now, oldest first. */
async function listRemovable(
  deps: ActivityDeps,
  product: ProductSettings,
  retention: Retention,
  releaseId: string,
): Promise<Removable[]> {
  const [holdings, live] = await Promise.all([
    readHoldings(deps.store, product.name),
    listLive(deps, product),
  ]);
  return chooseRemovable({ product: product.name, releaseId }, retention, holdings, live, Date.now());
}

/** What each environment runs, as far as Windlass put it there, and what it would go back to. */
async function listLive(deps: ActivityDeps, product: ProductSettings): Promise<Set<string>> {
  const past = openPast(deps, product);
  const live = new Set<string>();
  for (const { name } of product.environments) {
    const history = await past.of(name);
    const runs = history.at(-1)?.version;
    if (runs === undefined) continue;
    const before = versionBefore(history, runs);
    for (const version of [runs, ...(before === undefined ? [] : [before])]) live.add(version);
  }
  return live;
}

/** Says of a released version that its bytes are gone, or takes that back. */
async function mark(
  deps: ActivityDeps,
  product: ProductSettings,
  { isReleased, version }: Removable,
  gone: { at: string; policy: string } | undefined,
): Promise<void> {
  if (!isReleased) return;
  const name = releasedName(product.name, version);
  const kept = await readEntry<KeptVersion>(deps.store, name);
  if (kept === undefined) return;
  const { gone: _gone, ...rest } = kept;
  await writeEntry(deps.store, name, gone === undefined ? rest : { ...rest, gone });
}

async function removeBytes(
  deps: ActivityDeps,
  product: ProductSettings,
  { releaseId: madeBy, version, isReleased, at, parts }: Removable,
  releaseId: string,
): Promise<Effect<PrunedStore['removed'][number]>> {
  const name = madeName(product.name, madeBy);
  const value = { version, isReleased, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
  return await performEffect(deps, {
    name: 'removed-bytes',
    key: `${releaseId}/removed-bytes/${madeBy}`,
    target: `bytes of ${product.name} ${version} in the store`,
    read: async () => {
      const made = await readEntry<MadeBytes>(deps.store, name);
      return made?.removedBy === releaseId ? { is: 'ours', value, proof: name } : { is: 'absent' };
    },
    write: async () => {
      for (const { digest } of parts) await deps.store.remove(digest);
      const gone: MadeBytes = {
        product: product.name,
        releaseId: madeBy,
        version,
        at,
        parts: [],
        removedBy: releaseId,
      };
      await writeEntry(deps.store, name, gone);
    },
  });
}
