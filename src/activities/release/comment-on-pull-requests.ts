import type { NewReceipt, ReleaseActivities } from '../../contracts/activities.ts';
import { readHistory } from '../../integrations/git/history/history.ts';
import { fetchMirror } from '../../integrations/git/mirror.ts';
import type { GitHubConnection } from '../../providers/host/github/connection.ts';
import { GitHubFailure } from '../../providers/host/github/failure.ts';
import { createMarkedComment, findMarkedComment } from '../../providers/host/github/issues.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';
import { lookUpPullRequests, openPullRequestCache } from '../pull-requests.ts';
import { connectGitHub, readAuthor } from './connect-github.ts';

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
    if (!product.github) return { value: { commented: [], refused: [], leftOut: 0 }, receipts: [] };
    const github = connectGitHub(deps, product.github);
    const { numbers, incomplete } = await findPullRequests(deps, product, github, input.head);
    const author = await readAuthor(github);
    const receipts: NewReceipt[] = [];
    const commented: number[] = [];
    const refused: string[] = [];
    for (const number of numbers.slice(-MOST_COMMENTS)) {
      try {
        const effect = await commentOn(deps, github, { ...input, number, ...author });
        receipts.push(...effect.receipts);
        commented.push(number);
      } catch (error) {
        const status = refusalOf(error);
        if (status === undefined) throw error;
        refused.push(`#${number} (${status})`);
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
  github: GitHubConnection,
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
  const range = await lookUpPullRequests(github, cache, history);
  return {
    numbers: range.pullRequests.map(({ number }) => number),
    ...(range.incomplete === undefined ? {} : { incomplete: range.incomplete }),
  };
}

async function commentOn(
  deps: ActivityDeps,
  github: GitHubConnection,
  about: { releaseId: string; number: number; tag: string; page?: string; author?: string },
) {
  const { number, tag, page } = about;
  const key = `${about.releaseId}/comment/${number}`;
  const author = about.author === undefined ? {} : { author: about.author };
  return await performEffect(deps, {
    name: 'comment',
    key,
    target: `comment on #${number}`,
    read: async () => {
      const url = await findMarkedComment(github, { number, key, ...author });
      return url === undefined ? { is: 'absent' } : { is: 'ours', value: { url }, proof: url };
    },
    write: async () => {
      const body = `This is out in ${page === undefined ? tag : `[${tag}](${page})`}.`;
      await createMarkedComment(github, { number, key, body });
    },
  });
}

/** GitHub's answer where it is about one conversation and no retry changes it; a token that is no good is not such. */
function refusalOf(error: unknown): number | undefined {
  const failure = error instanceof Error && error.cause instanceof GitHubFailure ? error.cause : error;
  if (!(failure instanceof GitHubFailure) || failure.retryable) return undefined;
  return [403, 404, 410, 422].find((status) => status === failure.status);
}
