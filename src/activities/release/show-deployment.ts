import type { NewReceipt, ReleaseActivities } from '../../contracts/activities.ts';
import { formatTag } from '../../release/plan/tag-format.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { releasePath } from '../../release/views/words.ts';
import { connectHost } from '../connect-host.ts';
import type { ActivityDeps } from '../deps.ts';
import { findEnvironment, findProduct } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';

/** Shows a deployment on the product's host, where this worker's configuration asks for it and the host can. */
export function showDeployment(deps: ActivityDeps): ReleaseActivities['showDeployment'] {
  return async (input) => {
    const { releaseId, version, commit, round, state } = input;
    const product = findProduct(deps, input.product);
    const environment = findEnvironment(product, input.environment);
    if (product.host?.deployments !== true) return { value: undefined, receipts: [] };
    const { repository } = await connectHost(deps, product);
    const effects = repository?.describeDeployment?.({
      key: `${releaseId}/deployment/${environment.name}/${round}`,
      product: product.name,
      version,
      ref: commit ?? formatTag(product.tagFormat, version),
      environment: nameOnHost(product, environment.name),
      isProduction: environment.kind === 'production',
      url: environment.url,
      logUrl: `${deps.installation.api.url}${releasePath(product.name, input.flow)}`,
      state,
    });
    const receipts: NewReceipt[] = [];
    for (const effect of effects ?? []) receipts.push(...(await performEffect(deps, effect)).receipts);
    return { value: undefined, receipts };
  };
}

/** Products of one repository share its environments on the host, which are not the same ones. */
function nameOnHost(product: ProductSettings, environment: string): string {
  return product.path === '' ? environment : `${product.name}/${environment}`;
}
