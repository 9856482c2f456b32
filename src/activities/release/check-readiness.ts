import type { Readiness, ReleaseActivities } from '../../contracts/activities.ts';
import type { Mirror } from '../../integrations/git/mirror.ts';
import { fetchMirror, resolveCommit } from '../../integrations/git/mirror.ts';
import { tagRef } from '../../integrations/git/names.ts';
import { readRemoteRef } from '../../integrations/git/remote.ts';
import { readChecks } from '../../integrations/github/checks.ts';
import { openGitHub } from '../../integrations/github/connection.ts';
import { listOpen } from '../../integrations/github/issues.ts';
import type { GitHubSettings, ProductSettings } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror, takeSecret } from '../deps.ts';
import { inferPlan } from '../writer/infer-plan.ts';

/** Looks at everything that could stand against a release, and reports all of it at once. */
export function checkReadiness(deps: ActivityDeps): ReleaseActivities['checkReadiness'] {
  return async ({ request }) => {
    const product = findProduct(deps, request.product);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const base = await resolveCommit(mirror, product.release.releaseBranch);
    const { readiness, next } = await readDevelopment(mirror, product, request, base);
    const looked = [...readiness.looked];
    const blockers = [...readiness.blockers];
    if (next !== undefined) await checkTagFree(mirror, next, blockers);
    if (product.github) await checkHost(deps, product.github, base, blockers, looked);
    else looked.push('pull requests, checks and bugs: no host is configured');
    return { ...readiness, base, blockers, looked };
  };
}

/** Was it developed since its last release, and can a version be inferred? */
async function readDevelopment(
  mirror: Mirror,
  product: ProductSettings,
  request: ReleaseRequest,
  base: string,
): Promise<{ readiness: Omit<Readiness, 'base'>; next: string | undefined }> {
  const { plan } = await inferPlan(mirror, product, request, base, request.requestedAt);
  const previous = {
    ...(plan.current === null ? {} : { previousVersion: plan.current }),
    ...(plan.currentTag === null ? {} : { previousTag: plan.currentTag }),
  };
  const looked = [`${plan.commits.length} commits since ${plan.currentTag ?? 'the beginning'}`];
  if (plan.next === null) {
    const since = plan.currentTag ?? 'the beginning';
    return {
      readiness: {
        ...previous,
        blockers: [],
        looked,
        nothingToRelease: `no change since ${since} calls for a release`,
      },
      next: undefined,
    };
  }
  return { readiness: { ...previous, blockers: [], looked }, next: plan.nextTag ?? undefined };
}

async function checkTagFree(mirror: Mirror, tag: string, blockers: string[]): Promise<void> {
  const found = await readRemoteRef(mirror, tagRef(tag));
  if (found)
    blockers.push(
      `the tag ${tag} exists already (${found.slice(0, 12)}): take a higher version, or delete the tag`,
    );
}

async function checkHost(
  deps: ActivityDeps,
  settings: GitHubSettings,
  base: string,
  blockers: string[],
  looked: string[],
): Promise<void> {
  const github = openGitHub({
    apiUrl: settings.apiUrl,
    token: takeSecret(deps, settings.token),
    owner: settings.owner,
    repo: settings.repo,
    signal: deps.signal(),
  });
  const checks = await readChecks(github, base);
  looked.push(`checks of ${base.slice(0, 12)}: ${checks.state}`);
  for (const check of checks.failing) blockers.push(`check "${check.name}" is ${check.conclusion}`);
  for (const name of checks.pending) blockers.push(`check "${name}" has not finished`);
  const open = await listOpen(github, { labels: settings.blockingLabels });
  for (const issue of open.issues)
    blockers.push(`open bug #${issue.number} (${issue.labels.join(', ')}): ${issue.title}`);
  for (const pull of open.pullRequests) {
    blockers.push(`pull request #${pull.number} of the release is not merged: ${pull.title}`);
  }
  looked.push(`open bugs labelled ${settings.blockingLabels.join(' or ')}: ${open.issues.length}`);
}
