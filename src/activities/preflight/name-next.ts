import { fillGitText } from '../../release/git-texts.ts';
import { inferPlan } from '../writer/infer-plan.ts';
import type { LookedAt, NextNames, Tip } from './look.ts';

/**
 * The names of what would be released now, as far as the history alone tells; labels of pull requests may still move
 * the version.
 */
export async function nameNext(
  { product, now }: Pick<LookedAt, 'product' | 'now'>,
  { mirror, base }: Tip,
): Promise<NextNames> {
  const main = product.release.releaseBranch;
  const at = now.toISOString();
  const request = {
    releaseId: 'preflight',
    product: product.name,
    bump: 'auto',
    requestedBy: 'preflight',
    requestedAt: at,
    via: 'api',
  } as const;
  // A history from which no version follows is the plan's to tell.
  const inferred = await inferPlan(mirror, product, request, base, at).catch(() => undefined);
  const { next = null, nextTag = null } = inferred?.plan ?? {};
  if (next === null || nextTag === null) return { main };
  const branch = fillGitText('branch', product.git, { product: product.name, version: next });
  return { main, branch, tag: nextTag };
}
