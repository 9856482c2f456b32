import type { WriterActivities } from '../../contracts/activities.ts';
import type { Planned } from '../../contracts/release-answers.ts';
import { fetchMirror } from '../../integrations/git/mirror/mirror.ts';
import { fillGitText } from '../../release/git-texts.ts';
import type { History } from '../../release/plan/history.ts';
import type { Plan } from '../../release/plan/plan-release.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { IncludedChange } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { fail } from '../fail.ts';
import { addPullRequests, needsPullRequests, openPullRequestCache } from '../pull-requests.ts';
import { hashPlan } from './hash-plan.ts';
import { inferPlan } from './infer-plan.ts';
import { listChanges } from './list-changes.ts';

/** Changes and reasons that the record lists; the notes in the store have them all. */
const LISTED = 60;

/** Version, changelog section and notes of the range up to the base, by the functions of `windlass plan`. */
export function planRelease(deps: ActivityDeps): WriterActivities['planRelease'] {
  return async ({ ready, plannedAt }) => {
    const product = findProduct(deps, ready.request.product);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const { instead } = ready;
    const { history, plan } = await inferPlan(
      mirror,
      product,
      instead ? { ...ready.request, version: instead.version } : ready.request,
      ready.base,
      plannedAt,
      needsPullRequests(product)
        ? (read) => addPullRequests(openPullRequestCache(deps.store, product.name), product, read)
        : undefined,
    );
    if (plan.next === null || plan.nextTag === null || plan.bump === null) {
      throw fail('Mistake', {
        what: `no version can be planned for ${product.name}: ${plan.warnings.join('; ') || 'nothing calls for a release'}`,
        changed: 'nothing',
        next: 'give a version or a bump, or abort',
      });
    }
    const next = { version: plan.next, tag: plan.nextTag, unreleasedUrl: plan.unreleasedUrl };
    const warnings = [...(instead?.passed ?? []), ...plan.warnings];
    const planned = await storePlan(deps, product, { ...plan, warnings }, next);
    const times = readCommitTimes(history, plan);
    const changes = await listChanges(mirror, product, {
      base: ready.base,
      previousTag: history.base?.tag ?? undefined,
    });
    return {
      ...planned,
      ...(changes === undefined ? {} : { changes }),
      ...(times === undefined ? {} : { commitTimes: times }),
    };
  };
}

async function storePlan(
  deps: ActivityDeps,
  product: ProductSettings,
  plan: Plan,
  next: { version: string; tag: string; unreleasedUrl: string | null },
): Promise<Planned> {
  const { version, tag, unreleasedUrl } = next;
  const planned: Omit<Planned, 'planHash'> = {
    type: plan.bump ?? 'patch',
    version,
    tag,
    branch: fillGitText('branch', product.git, { product: product.name, version }),
    highlights: describeHighlights(plan),
    changelog: await deps.store.put(Buffer.from(plan.changelog), 'text/markdown'),
    notes: await deps.store.put(Buffer.from(plan.notes), 'text/markdown'),
    compareUrl: plan.compareUrl,
    unreleasedUrl,
    included: plan.commits.slice(0, LISTED).map(toIncluded),
    includedTotal: plan.commits.length,
    reasons: plan.reasons.slice(0, LISTED),
    warnings: plan.warnings.slice(0, LISTED),
  };
  return { ...planned, planHash: hashPlan(planned) };
}

/** Dates of the released commits themselves: merges and what was released before say nothing of how long it took. */
function readCommitTimes(history: History, plan: Plan): Planned['commitTimes'] {
  const released = new Set(plan.commits.map(({ sha }) => sha));
  const dates = history.commits
    .filter(({ sha }) => released.has(sha))
    .map(({ date }) => Date.parse(date))
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  const [oldest] = dates;
  const median = dates[Math.floor(dates.length / 2)];
  if (oldest === undefined || median === undefined) return undefined;
  return { oldest: new Date(oldest).toISOString(), median: new Date(median).toISOString() };
}

function toIncluded(commit: Plan['commits'][number]): IncludedChange {
  return {
    sha: commit.sha,
    subject: commit.subject,
    type: commit.type,
    author: '',
    ...(commit.pullRequest === null ? {} : { pullRequest: commit.pullRequest }),
  };
}

function describeHighlights(plan: Plan): string {
  const features = plan.commits.filter((c) => c.bump === 'minor').length;
  const fixes = plan.commits.filter((c) => c.bump === 'patch').length;
  const breaking = plan.commits.filter((c) => c.breaking).length;
  const parts = [
    breaking > 0 ? `${breaking} breaking` : '',
    features > 0 ? `${features} new` : '',
    fixes > 0 ? `${fixes} fixed or improved` : '',
  ].filter((part) => part !== '');
  return `${plan.commits.length} changes: ${parts.join(', ') || 'maintenance only'}`;
}
