import type { ReleaseActivities } from '../../contracts/activities.ts';
import { connectHost } from '../connect-host.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';

/** Opens an issue on the product's host; where none is configured, as a file in the store. Once per key. */
export function openIssue(deps: ActivityDeps): ReleaseActivities['openIssue'] {
  return async ({ product, key, title, body, labels, appendix }) => {
    const host = await connectHost(deps, findProduct(deps, product));
    const more = appendix && new TextDecoder().decode(await deps.store.read(appendix));
    const whole = more === undefined ? body : `${body}\n\n${more}`;
    return await performEffect(deps, host.openIssue({ key, product, title, body: whole, labels }));
  };
}
