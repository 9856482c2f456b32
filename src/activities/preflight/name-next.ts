import { inferPlan } from '../writer/infer-plan.ts';
import type { LookedAt, Tip } from './look.ts';

/** What a release would push, if it began now. Branch and tag are absent where nothing calls for a release. */
export interface NextNames {
  main: string;
  branch?: string;
  tag?: string;
}

/**
 * The names of what would be released now, as far as the history alone tells; labels of pull requests may still move
 * the version.
 */
export async function nameNext({ product, now }: LookedAt, { mirror, base }: Tip): Promise<NextNames> {
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
  return { main, branch: `release/${product.name}/v${next}`, tag: nextTag };
}
