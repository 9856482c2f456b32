import type { NewReceipt, ReleaseActivities } from '../../contracts/activities.ts';
import { DEPLOYMENT_STATES } from '../../release/deployment-state.ts';
import { formatTag } from '../../release/plan/tag-format.ts';
import { isVersion } from '../../release/plan/version.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { releasePath } from '../../release/views/words.ts';
import { connectHost } from '../connect-host.ts';
import type { ActivityDeps } from '../deps.ts';
import { findEnvironment, findProduct } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';

/** Shows a deployment on the product's host, where this worker's configuration asks for it and the host can. */
export function showDeployment(deps: ActivityDeps): ReleaseActivities['showDeployment'] {
  return async (input) => {
    const { releaseId, version, commit, round, state } = input;
    const product = findProduct(deps, input.product);
    const environment = findEnvironment(product, input.environment);
    if (product.host?.deployments !== true) return { value: undefined, receipts: [] };
    refuseStrange(input);
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

/** The input is a workflow's: what becomes a ref, a key or a link must be one. */
function refuseStrange({
  version,
  commit,
  round,
  state,
  releaseId,
  flow,
}: Parameters<ReleaseActivities['showDeployment']>[0]): void {
  const isKnown =
    isVersion(version) &&
    (commit === undefined || /^[0-9a-f]{40}$/.test(commit)) &&
    /^[\w.-]{1,50}$/.test(round) &&
    /^[\w.:@/+-]{1,200}$/.test(releaseId) &&
    (flow === undefined || /^[\w-]{1,100}$/.test(flow)) &&
    DEPLOYMENT_STATES.includes(state);
  if (isKnown) return;
  throw fail('Mistake', {
    what: 'a deployment that is to be shown has no version, commit or state that can be one',
    changed: 'nothing',
    next: 'start the deployment through Windlass itself',
  });
}
