import { join } from 'node:path/posix';
import { readCommitFiles } from '../../../integrations/git/commit-files.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { readFileAt } from '../../../integrations/git/mirror/mirror.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { ActivityDeps } from '../../deps.ts';
import { toFailure } from '../../fail.ts';
import { listRegistries, openProductRegistry } from '../../open-registry.ts';
import type { UsedVersions } from '../used-versions.ts';

/**
 * Asks each registry what it would refuse later, and whether the version is free there (`listed`: what it said already). One that does not answer now
 * may well do so hours from here, when it is published to: that is said, and holds nothing up; a refusal stays one.
 */
export async function checkRegistries(
  deps: ActivityDeps,
  product: ProductSettings,
  at: { mirror: Mirror; base: string; version: string | undefined; listed: UsedVersions['listed'] },
  blockers: string[],
  looked: string[],
): Promise<void> {
  const read = (path: string) => readFileAt(at.mirror, at.base, join(product.path, path));
  for (const name of listRegistries(product)) {
    try {
      const registry = await openProductRegistry(deps, product, name);
      const problems = await registry.preflight(read, readCommitFiles(at.mirror, at.base));
      // Said even if the next question gets no answer.
      for (const { found, advice } of problems)
        blockers.push(advice === undefined ? found : `${found}: ${advice}`);
      const versions =
        at.version === undefined ? [] : (at.listed.get(name) ?? (await registry.listVersions(read)));
      const isUsedUp = at.version !== undefined && versions.includes(at.version);
      if (isUsedUp) {
        blockers.push(`${at.version} is used up: ${name} has it already; take a higher one (--version)`);
      }
      const takes = problems.length === 0 && !isUsedUp;
      looked.push(`registry ${name}: ${takes ? 'takes a release' : 'would refuse it'}`);
    } catch (error) {
      const failure = toFailure(error);
      const why = failure instanceof Error ? failure.message : String(failure);
      if ((error as { retryable?: boolean }).retryable === false) blockers.push(`registry ${name}: ${why}`);
      looked.push(`registry ${name}: could not be asked (${why})`);
    }
  }
}
