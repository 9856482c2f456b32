import { connectHost } from '../connect-host.ts';
import { judgeExpiry } from './expiry.ts';
import { failedFinding } from './findings.ts';
import type { Look } from './look.ts';

/** What the product's host says of our account and of the rules for the branches and the tag that we push. */
export const lookAtHost: Look = async (at) => {
  const { deps, product, now } = at;
  const next = await at.next().catch(() => ({ main: product.release.releaseBranch }));
  try {
    const { repository, title } = await connectHost(deps, product);
    if (repository?.preflight === undefined) return [];
    const { findings, tokenEnds } = await repository.preflight({
      ...next,
      byRequest: product.release.merge !== 'push',
    });
    const late = tokenEnds && judgeExpiry(`token of ${title}`, tokenEnds, product, now);
    return late ? [...findings, late] : findings;
  } catch (error) {
    const failure = error as { retryable?: boolean };
    const state = failure.retryable === false ? 'problem' : 'warning';
    return [failedFinding('host', state, error, 'see that it answers, and look again')];
  }
};
