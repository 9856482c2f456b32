import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { Publication } from '../../../release/values.ts';
import type { ActivityDeps } from '../../deps.ts';
import { performEffect } from '../../perform-effect.ts';

/** What the store knows of a released version, so that it can be deployed again without asking anybody. */
export interface KeptVersion {
  version: string;
  releaseId: string;
  commit: string;
  artifact?: StoreRef;
  /** `repository@sha256:…`. */
  image?: string;
  changelog: StoreRef;
  notes: StoreRef;
  publications: Publication[];
}

function keptName(product: string, version: string): string {
  return `released/${product}/${version}.json`;
}

/** Notes which bytes a released version has; they are in the store since the build. */
export async function keepVersion(deps: ActivityDeps, record: ReleaseRecord): Promise<void> {
  const { plan, commit, built } = record;
  if (record.outcome !== 'released' || !plan || commit === undefined || !built) return;
  const kept: KeptVersion = {
    version: plan.version,
    releaseId: record.releaseId,
    commit,
    ...built,
    changelog: plan.changelog,
    notes: plan.notes,
    publications: record.publications,
  };
  const name = keptName(record.product, plan.version);
  const bytes = Buffer.from(`${JSON.stringify(kept, undefined, 2)}\n`);
  await performEffect(deps, {
    name: 'released-version',
    key: `${record.releaseId}/released-version/${plan.version}`,
    target: `bytes of ${record.product} ${plan.version}`,
    read: async () =>
      (await deps.store.readNamed(name))?.equals(bytes)
        ? { is: 'ours', value: undefined, proof: name }
        : { is: 'absent' },
    write: () => deps.store.putNamed(name, bytes),
  });
}

/** A version that Windlass released: only if it is of the tag's commit, and its bytes are still there. */
export async function findKept(
  deps: ActivityDeps,
  product: string,
  version: string,
  commit: string,
): Promise<KeptVersion | undefined> {
  const bytes = await deps.store.readNamed(keptName(product, version));
  if (!bytes) return undefined;
  const kept = JSON.parse(bytes.toString('utf8')) as KeptVersion;
  if (kept.commit !== commit) return undefined;
  // An image is where it was pushed.
  const isThere =
    kept.artifact === undefined ? kept.image !== undefined : await deps.store.has(kept.artifact);
  return isThere ? kept : undefined;
}
