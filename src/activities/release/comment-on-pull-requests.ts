import type { NewReceipt, ReleaseActivities } from '../../contracts/activities.ts';
import { readHistory } from '../../integrations/git/history/history.ts';
import { fetchMirror } from '../../integrations/git/mirror/mirror.ts';
import { HostFailure } from '../../providers/host/failure.ts';
import type { HostedRepository } from '../../providers/host/host.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { connectHost } from '../connect-host.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';
import { lookUpPullRequests, openPullRequestCache } from '../pull-requests.ts';

/** A product's first release could contain years of pull requests; nobody wants to be told of all of them. */
const MOST_COMMENTS = 100;

/**
 * Says under every merged pull request that the release contains in which version it is out, once each: a comment's
 * hidden marker tells it from all others. A pull request that takes no comment (locked, or the token may not) is
 * named in the answer and holds nothing up; a host that is away or busy is a failure to be retried.
 */
export function commentOnPullRequests(deps: ActivityDeps): ReleaseActivities['commentOnPullRequests'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { repository } = await connectHost(deps, product);
    if (!repository) return { value: { commented: [], refused: [], leftOut: 0 }, receipts: [] };
    const { numbers, incomplete } = await findPullRequests(deps, product, repository, input.head);
    const receipts: NewReceipt[] = [];
    const commented: number[] = [];
    const refused: string[] = [];
    for (const number of numbers.slice(-MOST_COMMENTS)) {
      try {
        const key = `${input.releaseId}/comment/${number}`;
        const body = `This is out in ${input.page === undefined ? input.tag : `[${input.tag}](${input.page})`}.`;
        const effect = await performEffect(deps, repository.comment({ key, number, body }));
        receipts.push(...effect.receipts);
        commented.push(number);
      } catch (error) {
        const status = refusalOf(error);
        if (status === undefined) throw error;
        refused.push(`${repository.nameRequest(number)} (${status})`);
      }
    }
    if (incomplete !== undefined) {
      throw fail('Unavailable', {
        what: `not every pull request of ${input.tag} could be looked up: ${incomplete}`,
        changed: `${commented.length} pull requests have their comment`,
        next: 'it is tried again and goes on where it stopped; or skip the comments',
      });
    }
    return {
      value: { commented, refused, leftOut: numbers.length - commented.length - refused.length },
      receipts,
    };
  };
}

/** The merged pull requests that the range up to `head` came from, oldest first. */
async function findPullRequests(
  deps: ActivityDeps,
  product: ProductSettings,
  host: HostedRepository,
  head: string,
): Promise<{ numbers: number[]; incomplete?: string }> {
  const mirror = await openProductMirror(deps, product);
  await fetchMirror(mirror);
  const history = await readHistory({
    repository: mirror.gitDir,
    to: head,
    tagFormat: product.tagFormat,
    path: product.path === '' ? null : product.path,
  });
  const cache = openPullRequestCache(deps.store, product.name);
  const range = await lookUpPullRequests(host, cache, history);
  return {
    numbers: range.pullRequests.map(({ number }) => number),
    ...(range.incomplete === undefined ? {} : { incomplete: range.incomplete }),
  };
}

/** The host's answer where it is about one conversation and no retry changes it; a token that is no good is not such. */
function refusalOf(error: unknown): number | undefined {
  const failure = error instanceof Error && error.cause instanceof HostFailure ? error.cause : error;
  if (!(failure instanceof HostFailure) || failure.retryable) return undefined;
  return [403, 404, 410, 422].find((status) => status === failure.status);
}
