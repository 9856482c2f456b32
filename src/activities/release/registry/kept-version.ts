import { readEntry } from '../../../providers/store/entries.ts';
import { releasedName } from '../../../release/record/kept-names.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { Publication } from '../../../release/values.ts';
import type { ActivityDeps } from '../../deps.ts';
import { keepEntry } from '../../keep-entry.ts';

/** What the store knows of a released version, so that it can be deployed again without asking anybody. */
export interface KeptVersion {
  version: string;
  releaseId: string;
  /** ISO 8601; not known of versions from before it was noted. */
  releasedAt?: string;
  commit: string;
  artifact?: StoreRef;
  /** `repository@sha256:…`. */
  image?: string;
  changelog: StoreRef;
  notes: StoreRef;
  publications: Publication[];
  /** Retention has deleted the bytes: when (ISO 8601), and by which policy, in words. */
  gone?: { at: string; policy: string };
}

/** Notes which bytes a released version has; they are in the store since the build. */
export async function keepVersion(deps: ActivityDeps, record: ReleaseRecord): Promise<void> {
  const { plan, commit, built } = record;
  if (record.outcome !== 'released' || !plan || commit === undefined || !built) return;
  const kept: KeptVersion = {
    version: plan.version,
    releaseId: record.releaseId,
    ...(record.endedAt === undefined ? {} : { releasedAt: record.endedAt }),
    commit,
    ...built,
    changelog: plan.changelog,
    notes: plan.notes,
    publications: record.publications,
  };
  const name = releasedName(record.product, plan.version);
  const effect = {
    name: 'released-version',
    key: `${record.releaseId}/released-version/${plan.version}`,
    target: `bytes of ${record.product} ${plan.version}`,
  } as const;
  await keepEntry(deps, effect, name, kept);
}

/** What is known of a version that Windlass released, only if it is of the tag's commit. */
export async function findKept(
  deps: ActivityDeps,
  product: string,
  version: string,
  commit: string,
): Promise<KeptVersion | undefined> {
  const kept = await readEntry<KeptVersion>(deps.store, releasedName(product, version));
  return kept?.commit === commit ? kept : undefined;
}

/** Whether what a version is deployed from is still there. */
export async function hasBytes(deps: ActivityDeps, kept: KeptVersion): Promise<boolean> {
  // An image is where it was pushed.
  if (kept.artifact === undefined) return kept.image !== undefined;
  return kept.gone === undefined && (await deps.store.has(kept.artifact));
}
