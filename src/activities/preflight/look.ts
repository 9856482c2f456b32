import type { PreflightFinding } from '../../contracts/preflight.ts';
import type { Mirror } from '../../integrations/git/mirror/mirror.ts';
import { fetchMirror, resolveCommit } from '../../integrations/git/mirror/mirror.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { openProductMirror } from '../deps.ts';

/** What a look may use. */
export interface LookedAt {
  deps: ActivityDeps;
  product: ProductSettings;
  /** Fetches once for all looks of this worker. @throws GitFailed, GitRefMissing */
  tip(): Promise<Tip>;
  /** Inferred once for all looks of this worker. @throws as `tip` does */
  next(): Promise<NextNames>;
  now: Date;
}

/** What a release would push, if it began now. Branch and tag are absent where nothing calls for a release. */
export interface NextNames {
  main: string;
  branch?: string;
  tag?: string;
}

/** The commit that would be released if a release began now. */
export interface Tip {
  mirror: Mirror;
  base: string;
}

/** Looks at one kind of thing. What it throws becomes a warning. */
export type Look = (at: LookedAt) => Promise<PreflightFinding[]>;

/** The tip of the product's release branch, as it is on the remote now. */
export async function readTip(deps: ActivityDeps, product: ProductSettings): Promise<Tip> {
  const mirror = await openProductMirror(deps, product);
  await fetchMirror(mirror);
  return { mirror, base: await resolveCommit(mirror, product.release.releaseBranch) };
}
