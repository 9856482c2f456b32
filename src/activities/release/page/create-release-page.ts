import type { Effect, NewReceipt, ReleaseActivities } from '../../../contracts/activities.ts';
import { isNewest } from '../../../release/plan/is-newest.ts';
import { connectHost } from '../../connect-host.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { performEffect } from '../../perform-effect.ts';
import { bundleAttestations } from './bundle-attestations.ts';

/** The release page, in as many effects as the product's host needs for one. */
export function createReleasePage(deps: ActivityDeps): ReleaseActivities['createReleasePage'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { repository } = await connectHost(deps, product);
    if (!repository) {
      throw fail('Mistake', {
        what: `${product.name} has no host with release pages`,
        changed: 'nothing',
        next: 'configure its host, then retry',
      });
    }
    const page = repository.describePage({
      key: `${input.releaseId}/release-page/${input.tag}`,
      releaseId: input.releaseId,
      tag: input.tag,
      title: `${product.title} ${input.version}`,
      notes: (await deps.store.read(input.notes)).toString('utf8'),
      whole: `All of them: \`${product.changelog.file}\` of ${input.tag}.`,
      foot: `Audit: \`${input.anchor}\``,
      prerelease: input.prerelease,
      isNewest: (tags) => isNewest(input.version, tags, product),
      assets: [
        ...(input.assets ?? []).map(({ name, content }) => ({
          name,
          digest: content.digest,
          bytes: content.bytes,
          read: () => deps.store.read(content),
        })),
        ...(await bundleAttestations(deps, input)),
      ],
    });
    const receipts: NewReceipt[] = [];
    const keep = <T>(effect: Effect<T>): T => {
      receipts.push(...effect.receipts);
      return effect.value;
    };
    for (const effect of page.before) keep(await performEffect(deps, effect));
    const value = keep(await performEffect(deps, page.publish));
    for (const effect of page.after) keep(await performEffect(deps, effect));
    return { value, receipts };
  };
}
