import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { reviewAuthorization } from '../policy/authorize.ts';
import { guardActivities } from '../policy/guard.ts';
import { preflight } from '../preflight/preflight.ts';
import { archiveRecord } from './archive-record.ts';
import { checkReadiness } from './check-readiness.ts';
import { commentOnPullRequests } from './comment-on-pull-requests.ts';
import { noteHistory } from './environment-history.ts';
import { commitRelease } from './git/commit-release.ts';
import { mergeRelease } from './git/merge-release.ts';
import { prepareHotfix } from './git/prepare-hotfix.ts';
import { deleteReleaseBranch, pushReleaseBranch } from './git/push-branch.ts';
import { pushTag } from './git/push-tag.ts';
import { updateState } from './git/update-state.ts';
import { keepTrail } from './keep-trail.ts';
import { loadProduct } from './load-product.ts';
import { lookAtCalendar } from './look-at-calendar.ts';
import { openIssue } from './open-issue.ts';
import { createReleasePage } from './page/create-release-page.ts';
import { findReleased } from './registry/find-released.ts';
import { findRolledBack } from './registry/find-rolled-back.ts';
import { moveChannel, verifyPublication, withdrawPublication } from './registry/move-channel.ts';
import { publishBuilt, publishImage, publishPackage } from './registry/publish-built.ts';
import { pruneStore } from './retention/prune-store.ts';
import { showDeployment } from './show-deployment.ts';
import { verifyCommand } from './verify-command.ts';

/** What the `release` role does: git branches and tags, registries, the host, state files. */
export function createReleaseActivities(deps: ActivityDeps): ReleaseActivities {
  return guardActivities(deps, {
    reviewAuthorization: reviewAuthorization(deps),
    preflight: preflight(deps),
    loadProduct: loadProduct(deps),
    lookAtCalendar: lookAtCalendar(deps),
    findReleased: findReleased(deps),
    findRolledBack: findRolledBack(deps),
    noteHistory: noteHistory(deps),
    prepareHotfix: prepareHotfix(deps),
    checkReadiness: checkReadiness(deps),
    commitRelease: commitRelease(deps),
    pushReleaseBranch: pushReleaseBranch(deps),
    publishBuilt: publishBuilt(deps),
    publishPackage: publishPackage(deps),
    publishImage: publishImage(deps),
    verifyPublication: verifyPublication(deps),
    mergeRelease: mergeRelease(deps),
    pushTag: pushTag(deps),
    moveChannel: moveChannel(deps),
    createReleasePage: createReleasePage(deps),
    deleteReleaseBranch: deleteReleaseBranch(deps),
    withdrawPublication: withdrawPublication(deps),
    updateState: updateState(deps),
    openIssue: openIssue(deps),
    commentOnPullRequests: commentOnPullRequests(deps),
    showDeployment: showDeployment(deps),
    keepTrail: keepTrail(deps),
    archiveRecord: archiveRecord(deps),
    pruneStore: pruneStore(deps),
    verifyCommand: verifyCommand(deps),
  });
}
