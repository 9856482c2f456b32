import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';

/** The product as configured now; the workflow freezes it into the record. */
export function loadProduct(deps: ActivityDeps): ReleaseActivities['loadProduct'] {
  return async ({ product }) => findProduct(deps, product);
}
