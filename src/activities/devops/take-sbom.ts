import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeNpmLock, SbomFailed } from '../../integrations/sbom/describe-npm-lock.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { ActivityDeps } from '../deps.ts';
import { fail } from '../fail.ts';
import { withScratch } from '../scratch.ts';
import { findMade } from './build-script.ts';

/** Lock files from which npm itself makes a list. */
const NPM_LOCKS = ['package-lock.json', 'npm-shrinkwrap.json'];

/**
 * What the product is made of, by the file that its `sbom` names: CycloneDX JSON of the build's own, or npm's lock file.
 * Undefined where it names none. `folder`, `root`: of the checkout in which it was built.
 */
export async function takeSbom(
  deps: ActivityDeps,
  { sbom }: Pick<ProductSettings, 'sbom'>,
  { folder, root, plannedAt: at }: { folder: string; root: string; plannedAt: string },
): Promise<StoreRef | undefined> {
  if (sbom === undefined) return undefined;
  // With / before it, it is meant from the top: the lock file of a workspace.
  const [place, named] = sbom.startsWith('/') ? [root, sbom.slice(1)] : [folder, sbom];
  const path = await findMade(
    place,
    named,
    'the file of sbom',
    'have the build make it, or correct the path',
  );
  const bytes = NPM_LOCKS.includes(basename(path))
    ? await describeLock(deps, path, at)
    : await readFile(path);
  if (!isCycloneDx(bytes)) refuse(sbom, 'it is no CycloneDX file in JSON (bomFormat, specVersion)');
  return await deps.store.put(bytes, 'application/vnd.cyclonedx+json');
}

async function describeLock(deps: ActivityDeps, lock: string, at: string): Promise<Buffer> {
  try {
    return await withScratch(deps, (scratch) =>
      describeNpmLock(lock, { scratch, at, signal: deps.signal() }),
    );
  } catch (error) {
    if (error instanceof SbomFailed) refuse(basename(lock), error.message);
    throw error;
  }
}

function isCycloneDx(bytes: Buffer): boolean {
  try {
    const { bomFormat, specVersion } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    return bomFormat === 'CycloneDX' && typeof specVersion === 'string';
  } catch {
    return false;
  }
}

function refuse(file: string, why: string): never {
  throw fail('Mistake', {
    what: `${file} gives no list of what the product is made of: ${why}`,
    changed: 'nothing: what was built is not used',
    next: 'mend the file or the entry sbom of the product, then retry (replan if the fix is a new commit)',
  });
}
