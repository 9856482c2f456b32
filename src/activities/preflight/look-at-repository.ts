import { failedFinding } from './findings.ts';
import type { Look } from './look.ts';

/** Can this worker fetch the product, and is the branch there from which is released? */
export const lookAtRepository: Look = async ({ product, tip }) => {
  const subject = 'git fetch';
  try {
    const { base } = await tip();
    return [{ subject, state: 'ok', found: `${product.release.releaseBranch} is at ${base.slice(0, 12)}` }];
  } catch (error) {
    return [
      failedFinding(subject, 'problem', error, `see that this worker can fetch ${product.repositoryUrl}`),
    ];
  }
};
