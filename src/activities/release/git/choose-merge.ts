import type { HostedRepository } from '../../../providers/host/host.ts';
import type { HostMerging } from '../../../providers/host/merging.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import { connectHost } from '../../connect-host.ts';
import type { ActivityDeps } from '../../deps.ts';
import { fail } from '../../fail.ts';

/** How the release gets into its branch, and by what; `why` is the end of a sentence. */
export type ChosenMerge =
  | { by: 'push' }
  | { by: 'request'; why: string; repository: HostedRepository; merging: HostMerging };

/**
 * The way that the configuration names; where it leaves that open, a pull request if the host says that the branch
 * takes nothing else from this token.
 */
export async function chooseMerge(deps: ActivityDeps, product: ProductSettings): Promise<ChosenMerge> {
  const { merge = 'auto', releaseBranch } = product.release;
  if (merge === 'push') return { by: 'push' };
  const { repository, title } = await connectHost(deps, product);
  const merging = repository?.merging;
  if (repository === undefined || merging === undefined) {
    if (merge === 'auto') return { by: 'push' };
    throw fail('Mistake', {
      what: `\`release.merge: pull_request\`, and ${title} is no host where one could be opened`,
      changed: 'nothing',
      next: 'configure the host of the product, or `release.merge: push`; then retry',
    });
  }
  if (merge === 'pull_request') {
    return { by: 'request', why: 'the configuration says so', repository, merging };
  }
  const why = await merging.findDemand(releaseBranch);
  return why === undefined ? { by: 'push' } : { by: 'request', why, repository, merging };
}
