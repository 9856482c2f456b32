import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { Readiness } from '../../contracts/release-answers.ts';
import type { Mirror } from '../../integrations/git/mirror/mirror.ts';
import { fetchMirror, resolveCommit } from '../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../integrations/git/names.ts';
import { readRemoteRef } from '../../integrations/git/remote.ts';
import type { HostedRepository } from '../../providers/host/host.ts';
import type { History } from '../../release/plan/history.ts';
import { formatTag } from '../../release/plan/tag-format.ts';
import type { ProductSettings, ReleaseType } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { connectHost } from '../connect-host.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import {
  addPullRequests,
  lookUpPullRequests,
  needsPullRequests,
  openPullRequestCache,
} from '../pull-requests.ts';
import { inferPlan } from '../writer/infer-plan.ts';
import { type KeptPast, openPast } from './environment-history.ts';
import { findNobody } from './find-nobody.ts';
import { chooseMerge } from './git/choose-merge.ts';
import { checkRegistries } from './registry/check-registries.ts';
import { listRolledBack } from './registry/find-rolled-back.ts';
import { findUsedVersions, takeFree, type UsedVersions } from './used-versions.ts';

interface Next {
  tag: string;
  version: string;
  type: ReleaseType;
}

/** Looks at everything that could stand against a release, and reports all of it at once. */
export function checkReadiness(deps: ActivityDeps): ReleaseActivities['checkReadiness'] {
  return async ({ request }) => {
    const product = findProduct(deps, request.product);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const base = await resolveCommit(mirror, product.release.releaseBranch);
    const { repository } = await connectHost(deps, product);
    const noted: string[] = [];
    const enrich = async (history: History) =>
      repository && needsPullRequests(product)
        ? await readPulls(deps, product, repository, history, noted)
        : history;
    const { readiness, next: inferred } = await readDevelopment(mirror, product, request, base, enrich);
    const looked = [...readiness.looked, ...noted];
    const blockers = [...readiness.blockers];
    const past = openPast(deps, product);
    const at = { base, inferred, blockers, past };
    const { next, instead, listed } = await chooseFree(deps, product, mirror, request, at);
    if (instead) looked.push(...instead.passed);
    if (next !== undefined) await checkTagFree(mirror, next.tag, blockers);
    await checkRegistries(deps, product, { mirror, base, version: next?.version, listed }, blockers, looked);
    if (next !== undefined) blockers.push(...findNobody(deps, product, request, next.type));
    const merge = await chooseMerge(deps, product);
    if (merge.by === 'request') {
      looked.push(`the release goes into ${product.release.releaseBranch} by a pull request: ${merge.why}`);
    }
    if (repository) {
      await checkHost(repository, product.host?.blockingLabels ?? [], base, blockers, looked);
      if (next !== undefined) await checkMilestone(repository, next, blockers, looked);
    }
    return {
      ...readiness,
      base,
      blockers,
      looked,
      hasHost: repository !== undefined,
      ...(instead === undefined ? {} : { instead }),
      takenBack: await listRolledBack(await past.records(), mirror, base, readiness.previousTag),
    };
  };
}

interface Chosen {
  next: Next | undefined;
  instead?: NonNullable<Readiness['instead']>;
  listed: UsedVersions['listed'];
}

/** The inferred version or the next free one; of a version that was asked for, that it is used up is said. */
async function chooseFree(
  deps: ActivityDeps,
  product: ProductSettings,
  mirror: Mirror,
  request: ReleaseRequest,
  at: { base: string; inferred: Next | undefined; blockers: string[]; past: KeptPast },
): Promise<Chosen> {
  const { base, inferred, blockers, past } = at;
  if (!inferred) return { next: undefined, listed: new Map() };
  const used = await findUsedVersions(deps, product, mirror, past, {
    base,
    releaseId: request.releaseId,
  });
  const { listed } = used;
  if (request.version !== undefined) {
    const found = await used.find(inferred.version);
    // Of tags and registries it is said below.
    if (found?.by === 'record' || found?.by === 'branch') {
      blockers.push(`${inferred.version} is used up: it ${found.why}; take a higher one (--version)`);
    }
    return { next: inferred, listed };
  }
  const { version, passed } = await takeFree(used, inferred.version);
  if (passed.length === 0) return { next: inferred, listed };
  const next = { ...inferred, version, tag: formatTag(product.tagFormat, version) };
  return { next, instead: { version, passed }, listed };
}

/** Was it developed since its last release, and can a version be inferred? */
async function readDevelopment(
  mirror: Mirror,
  product: ProductSettings,
  request: ReleaseRequest,
  base: string,
  enrich: (history: History) => Promise<History>,
): Promise<{ readiness: Omit<Readiness, 'base'>; next: Next | undefined }> {
  const { plan, history, problems } = await inferPlan(
    mirror,
    product,
    request,
    base,
    request.requestedAt,
    enrich,
  );
  const previous = {
    ...(plan.current === null ? {} : { previousVersion: plan.current }),
    ...(plan.currentTag === null ? {} : { previousTag: plan.currentTag }),
  };
  const looked = [`${plan.commits.length} commits since ${plan.currentTag ?? 'the beginning'}`];
  // Nothing was counted, which is no statement about what there is to release.
  if (plan.next === null && !history.baseTrusted) {
    return { readiness: { ...previous, blockers: history.warnings.slice(0, 1), looked }, next: undefined };
  }
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
  const next =
    plan.nextTag === null ? undefined : { tag: plan.nextTag, version: plan.next, type: plan.bump ?? 'patch' };
  return { readiness: { ...previous, blockers: problems, looked }, next };
}

/** Pull requests of the range, kept for the writer; a rate limit is said, and ends no release. */
async function readPulls(
  deps: ActivityDeps,
  product: ProductSettings,
  host: HostedRepository,
  history: History,
  noted: string[],
): Promise<History> {
  const cache = openPullRequestCache(deps.store, product.name);
  const range = await lookUpPullRequests(host, cache, history);
  noted.push(`${range.pullRequests.length} merged pull requests, ${range.direct.length} direct commits`);
  if (range.incomplete !== undefined) noted.push(`labels and authors are incomplete: ${range.incomplete}`);
  return await addPullRequests(cache, product, history);
}

/** A milestone named after the version must have no open issue or pull request left. */
async function checkMilestone(
  host: HostedRepository,
  next: Next,
  blockers: string[],
  looked: string[],
): Promise<void> {
  const names = [next.version, `v${next.version}`, next.tag];
  const milestone = await host.findMilestone(names);
  looked.push(
    milestone
      ? `milestone ${milestone.title}: ${milestone.openIssues} open`
      : `milestone ${next.version}: none`,
  );
  if (!milestone || milestone.openIssues === 0) return;
  blockers.push(
    `milestone ${milestone.title} has ${milestone.openIssues} open issues or pull requests: close them or move them to a later one`,
  );
}

async function checkTagFree(mirror: Mirror, tag: string, blockers: string[]): Promise<void> {
  const found = await readRemoteRef(mirror, tagRef(tag));
  if (found)
    blockers.push(
      `the tag ${tag} exists already (${found.slice(0, 12)}): take a higher version, or delete the tag`,
    );
}

async function checkHost(
  host: HostedRepository,
  blockingLabels: readonly string[],
  base: string,
  blockers: string[],
  looked: string[],
): Promise<void> {
  const checks = await host.readChecks(base);
  looked.push(`checks of ${base.slice(0, 12)}: ${checks.state}`);
  for (const check of checks.failing) blockers.push(`check "${check.name}" is ${check.conclusion}`);
  for (const name of checks.pending) blockers.push(`check "${name}" has not finished`);
  const open = await host.listOpen(blockingLabels);
  for (const issue of open.issues)
    blockers.push(`open bug #${issue.number} (${issue.labels.join(', ')}): ${issue.title}`);
  for (const pull of open.pullRequests) {
    blockers.push(`${host.nameRequest(pull.number)} of the release is not merged: ${pull.title}`);
  }
  looked.push(`open bugs labelled ${blockingLabels.join(' or ')}: ${open.issues.length}`);
}
