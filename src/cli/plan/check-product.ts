/** `windlass config check` on the repository itself: whether the next release could write its version files. */

import { askClone } from '../../integrations/git/ask-clone.ts';
import { readCommitFiles } from '../../integrations/git/commit-files.ts';
import { HistoryError } from '../../integrations/git/git-errors.ts';
import { readHistory } from '../../integrations/git/history/history.ts';
import { readWorkTreeFiles } from '../../integrations/git/work-tree-files.ts';
import { linksOf } from '../../release/plan/links/product-links.ts';
import { planRelease } from '../../release/plan/plan-release.ts';
import { nextVersion } from '../../release/plan/version.ts';
import { editVersionFiles } from '../../release/plan/version-files/edit-version-files.ts';
import type { FileSource } from '../../release/plan/version-files/file-source.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { CliProblem } from '../line/cli-problem.ts';
import { findPlace } from './find-place.ts';
import { findRepository } from './find-product.ts';

/** What the look at a product's repository found; sentences for people. */
export interface ProductCheck {
  /** What was looked at, with its result; or why nothing was. */
  looked: string;
  /** What would keep a release from being made. */
  problems: string[];
  /** What a person should know, and nothing fails by. */
  said: string[];
}

/**
 * Plans the product's next release as `windlass plan` does and makes its edits, in memory. Only what is on this machine
 * is looked at: a clone that `folder` is in, or a repository that is configured by its path.
 */
export async function checkProduct(product: ProductSettings, folder: string): Promise<ProductCheck> {
  try {
    return await check(product, await findRepository(product, null, folder));
  } catch (error) {
    if (error instanceof CliProblem) {
      const looked = `its repository was not looked at: ${product.repositoryUrl} is not here, and this folder is in no clone of it`;
      return { looked, problems: [], said: [] };
    }
    if (!(error instanceof HistoryError)) throw error;
    return { looked: 'its repository could not be read', problems: [error.message], said: [] };
  }
}

async function check(
  product: ProductSettings,
  { repository, to }: { repository: string; to: string },
): Promise<ProductCheck> {
  if (!(await hasCommits(repository))) {
    const looked = 'nothing is committed yet: its first release follows the first commit';
    return { looked, problems: [], said: [] };
  }
  const { releaseType, versionBump } = product.release;
  const prerelease = releaseType === 'stable' ? null : releaseType;
  const history = await readHistory({
    ...{ repository, to, tagFormat: product.tagFormat, channel: prerelease, decided: versionBump !== 'auto' },
    path: product.path === '' ? null : product.path,
    alsoPaths: product.includePaths ?? [],
    excludePaths: product.excludePaths ?? [],
  });
  const { title, breakingBelowOne, changelog } = product;
  const plan = planRelease(history, {
    ...{ title, date: new Date().toISOString(), format: changelog.format, prerelease, breakingBelowOne },
    ...{ bump: versionBump, version: null, rules: changelog.rules, ...linksOf(product) },
    includePullRequests: changelog.includePullRequests,
    breakingSection: changelog.breakingChangesSection,
    ...(product.git === undefined ? {} : { git: product.git }),
  });
  const uncounted = plan.next === null && !history.baseTrusted ? history.warnings.slice(0, 1) : [];
  // Where nothing calls for a release now, the next one is as good to try the files with.
  const version = plan.next ?? nextVersion(plan.current ?? '0.0.0', 'patch');
  const source = await readFiles(repository, to);
  const files = product.versionFiles;
  const tried = { source, folder: product.path, files, version, previous: plan.current };
  const { edits, said, problems } = await editVersionFiles(tried);
  const from = plan.current === null ? '' : `from ${plan.current} `;
  const names = edits.map(({ path }) => path).join(', ');
  const written = names === '' ? 'no file would be written with it' : `written with it: ${names}`;
  return {
    looked: `the next version would go ${from}to ${version}; ${written}`,
    problems: [...uncounted, ...problems],
    said,
  };
}

/** Whether a repository has anything to release, on whatever branch. */
async function hasCommits(repository: string): Promise<boolean> {
  const found = await askClone(repository, ['rev-list', '--all', '--max-count=1']);
  return found.code !== 0 || found.stdout.trim() !== '';
}

/** The work tree that a person has before them, or the branch of a repository elsewhere. */
async function readFiles(repository: string, to: string): Promise<FileSource> {
  const { top } = await findPlace(repository, '');
  if (to === 'HEAD' && top !== null) return readWorkTreeFiles(top);
  const name = to === 'HEAD' ? to : `refs/heads/${to}`;
  const found = await askClone(repository, ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`]);
  if (found.code !== 0) throw new HistoryError(`There is no branch ${to} in ${repository}.`);
  return readCommitFiles({ url: repository, gitDir: repository, folder: repository }, found.stdout.trim());
}
