import type { ReleaseActivities } from '../../contracts/activities.ts';
import { openGitHub } from '../../integrations/github/connection.ts';
import { createDraftRelease, findReleases, publishRelease } from '../../integrations/github/releases.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, takeSecret } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';

/** Drafts the release page, then publishes it: marked with the release, so that a second try finds the first. */
export function createReleasePage(deps: ActivityDeps): ReleaseActivities['createReleasePage'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    if (!product.github) {
      throw fail('Mistake', {
        what: `${product.name} has no host with release pages`,
        changed: 'nothing',
        next: 'configure github, then retry',
      });
    }
    const { apiUrl, token, owner, repo } = product.github;
    const github = openGitHub({ apiUrl, token: takeSecret(deps, token), owner, repo, signal: deps.signal() });
    const key = `${input.releaseId}/release-page/${input.tag}`;
    return await performEffect(deps, {
      name: 'release-page',
      key,
      target: `release page ${input.tag}`,
      read: async () => {
        const found = await findReleases(github, input.tag);
        const foreign = found.find((release) => release.key !== key && !release.draft);
        if (foreign) {
          return {
            is: 'foreign',
            ours: `a page of ${input.releaseId}`,
            theirs: `${foreign.url}, made by ${foreign.key ?? 'hand'}`,
            next: 'delete that page if it should be ours and retry; or skip the page',
          };
        }
        const ours = found.find((release) => release.key === key && !release.draft);
        return ours ? { is: 'ours', value: { url: ours.url }, proof: ours.url } : { is: 'absent' };
      },
      write: async () => {
        const notes = (await deps.store.read(input.notes)).toString('utf8');
        const drafts = await findReleases(github, input.tag);
        const draft =
          drafts.find((release) => release.key === key) ??
          (await createDraftRelease(github, {
            key,
            tag: input.tag,
            commit: input.tag,
            name: `${product.title} ${input.version}`,
            notes: `${notes.trimEnd()}\n\nAudit: \`${input.anchor}\``,
            prerelease: input.prerelease,
          }));
        await publishRelease(github, { id: draft.id, tag: input.tag, makeLatest: !input.prerelease });
      },
    });
  };
}
