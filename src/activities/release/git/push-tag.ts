import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { fetchMirror } from '../../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../../integrations/git/names.ts';
import { pushRef, readRemoteRef } from '../../../integrations/git/remote.ts';
import { createTagObject } from '../../../integrations/git/tag.ts';
import { fillGitText } from '../../../release/git-texts.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { performEffect } from '../../perform-effect.ts';
import { WINDLASS_SIGNATURE } from './identity.ts';

/** Pushes the annotated tag. Its date is the plan's, so the same release always makes the same tag object. */
export function pushTag(deps: ActivityDeps): ReleaseActivities['pushTag'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const mirror = await openProductMirror(deps, product);
    // The release commit came with the merge; another worker may have made that.
    await fetchMirror(mirror);
    const words = fillGitText('tagMessage', product.git, {
      product: product.name,
      title: product.title,
      version: input.version,
      tag: input.tag,
    });
    const object = await createTagObject(mirror, {
      tag: input.tag,
      sha: input.commit,
      message: `${words}\n\nRelease-Id: ${input.releaseId}\nAudit: ${input.anchor}\n`,
      tagger: WINDLASS_SIGNATURE,
      date: input.plannedAt,
    });
    const ref = tagRef(input.tag);
    return await performEffect(deps, {
      name: 'tag',
      key: `${input.releaseId}/tag/${input.tag}`,
      target: `tag ${input.tag}`,
      read: async () => {
        const found = await readRemoteRef(mirror, ref);
        if (found === undefined) return { is: 'absent' };
        if (found === object) return { is: 'ours', value: { tagObject: object }, proof: object };
        return { is: 'foreign', ours: `${object} on ${input.commit}`, theirs: found };
      },
      write: async () => {
        await pushRef(mirror, { ref, sha: object, expected: null });
      },
    });
  };
}
