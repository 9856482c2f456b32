import { isAncestor } from '../../integrations/git/merge.ts';
import { askMirror, fetchMirror, findCommit, resolveCommit } from '../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../integrations/git/names.ts';
import { formatTag, parseTag } from '../../release/plan/tag-format.ts';
import { isVersion } from '../../release/plan/version.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { type ActivityDeps, openProductMirror } from '../deps.ts';

/**
 * Whether a commit is on the product's release branch or tagged as a release, or a version has its tag, in the repository as it is now: what
 * only somebody with the right to push can have put there.
 */
export async function isOfTheProduct(
  deps: ActivityDeps,
  product: ProductSettings,
  { commit, version }: { commit?: string; version?: string },
): Promise<boolean> {
  const mirror = await openProductMirror(deps, product);
  await fetchMirror(mirror);
  if (version !== undefined) {
    const tag = isVersion(version) ? tagRef(formatTag(product.tagFormat, version)) : undefined;
    return tag !== undefined && (await findCommit(mirror, tag)) !== undefined;
  }
  if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return false;
  if ((await findCommit(mirror, commit)) === undefined) return false;
  if (await isAncestor(mirror, commit, await resolveCommit(mirror, product.release.releaseBranch)))
    return true;
  // What was released from a branch of its own.
  const pointing = ['for-each-ref', `--points-at=${commit}`, '--format=%(refname:strip=2)', 'refs/tags/'];
  const { stdout } = await askMirror(mirror, pointing);
  const tags = stdout.toString('utf8').split('\n');
  return tags.some((tag) => parseTag(product.tagFormat, tag) !== null);
}
