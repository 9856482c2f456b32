import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { fail } from '../fail.ts';

/** Images are not published yet: configuration that asks for it is refused here, before anything is changed. */
export function publishImage(deps: ActivityDeps): ReleaseActivities['publishImage'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    throw fail('Mistake', {
      what: `${product.name}: publishing images is not available in this version of Windlass`,
      changed: 'nothing',
      next: 'take docker out of publish_registries, then replan',
    });
  };
}
