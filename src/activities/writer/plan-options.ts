import { linksOf } from '../../release/plan/links/product-links.ts';
import type { PlanOptions } from '../../release/plan/plan-release.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';

/** What configuration and request mean for the planner. */
export function toPlanOptions(product: ProductSettings, request: ReleaseRequest, date: string): PlanOptions {
  const { release, changelog } = product;
  return {
    title: product.title,
    date,
    format: changelog.format,
    includePullRequests: changelog.includePullRequests,
    breakingSection: changelog.breakingChangesSection,
    bump: request.bump === 'auto' ? release.versionBump : request.bump,
    version: request.version ?? null,
    prerelease: release.releaseType === 'stable' ? null : release.releaseType,
    breakingBelowOne: product.breakingBelowOne,
    rules: changelog.rules,
    ...(product.git === undefined ? {} : { git: product.git }),
    ...linksOf(product),
  };
}
