import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import ssri from 'ssri';
import { readWorkTreeFiles } from '../../../integrations/git/work-tree-files.ts';
import { joinPath } from '../../../release/plan/version-files/file-source.ts';
import type { Built } from '../../../release/values.ts';
import { RegistryMistake } from '../failure.ts';
import type { Build, RegistryContext } from '../registry.ts';
import { refusePackage } from './failure.ts';
import { findLifecycle, findMissingEntries, refuseLocalRanges, refuseUnresolved } from './lint-package.ts';
import { packPackage } from './pack.ts';
import { listPackedFiles, readPackedManifest } from './tarball.ts';
import { resolveRanges } from './workspace/resolve-ranges.ts';

/**
 * The package, once. What the build script names is what is published, so that `pnpm pack` or `yarn pack` can be the
 * packer: `{"packages": {"npm": "shop-1.2.0.tgz"}}`, or an `artifact` that is a packed package. Else npm packs.
 *
 * @param path the package's folder below the product's
 */
export async function makePackage(context: RegistryContext, build: Build, path: string): Promise<Built> {
  const named = await findPacked(context, build);
  if (named !== undefined) return await takePackage(context, build, named);
  const folder = join(build.folder, path);
  await refuseUnmade(context, build, folder);
  await putRangesIn(build, folder, joinPath(context.product.path, path));
  return await context.withScratch(async (outFolder) => {
    const packed = await packPackage({ folder, outFolder, signal: context.signal() });
    return await takePackage(context, build, packed.file);
  });
}

/**
 * Packing runs none of the package's own scripts. Where a build script ran, what they would make is its work; where
 * none is configured, what npm would run first would be left out silently.
 */
async function refuseUnmade(context: RegistryContext, build: Build, folder: string): Promise<void> {
  if (build.isBuilt) return;
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
  const lifecycle = findLifecycle(JSON.parse(text) as Record<string, unknown>);
  if (lifecycle.length === 0) return;
  throw refusePackage(
    `npm would run ${lifecycle.join(', ')} of package.json before it publishes, and nothing runs it here: ${context.product.name} has no build script.`,
    `Configure scripts.build with a script that installs and runs it (such as npm ci && npm run ${lifecycle.at(-1)}); it runs in a sandbox, before the package is packed. Then replan.`,
  );
}

/** What `pnpm pack` and `yarn pack` do and npm does not: real ranges for what only the workspace understands. */
async function putRangesIn(build: Build, folder: string, path: string): Promise<void> {
  const file = join(folder, 'package.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const source = readWorkTreeFiles(build.root);
  const { manifest, isChanged, unresolved } = await resolveRanges(
    JSON.parse(text) as Record<string, unknown>,
    source,
    path,
  );
  const refused = refuseUnresolved(unresolved);
  if (refused) throw refused;
  if (isChanged) await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The tarball that the build script named, if it named one. */
async function findPacked(context: RegistryContext, build: Build): Promise<string | undefined> {
  const packages = build.output['packages'];
  const own = (packages as Record<string, unknown> | undefined)?.[context.name];
  if (typeof own === 'string')
    return await build.findMade(build.folder, own, 'the package of the build script');
  const artifact = build.output['artifact'];
  if (typeof artifact !== 'string' || !/\.t(?:ar\.)?gz$/.test(artifact)) return undefined;
  const file = await build.findMade(build.folder, artifact, 'the artifact of the build script');
  try {
    readPackedManifest(await readFile(file));
    return file;
  } catch {
    // An archive that is no package is what is deployed; what is published is packed beside it.
    return undefined;
  }
}

async function takePackage(context: RegistryContext, build: Build, file: string): Promise<Built> {
  const bytes = await readFile(file);
  const { name, version } = readPackedManifest(bytes);
  if (version !== build.version) {
    throw new RegistryMistake(
      `The package ${basename(file)} says that it is ${version}, but ${build.version} is being released.`,
      'Have package.json among version_files, or the script pack what it was checked out; then replan.',
    );
  }
  const refused = refuseLocalRanges(readPackedManifest(bytes));
  if (refused) throw refused;
  const missing = findMissingEntries(readPackedManifest(bytes), listPackedFiles(bytes));
  if (missing.length > 0) {
    throw refusePackage(
      `The package ${name}@${version} names ${missing.join(', ')}, but does not hold it: nobody could use it.`,
      'Have the build script make it (it runs before the package is packed) and "files" name it, then replan.',
    );
  }
  const content = await context.store.putFile(file, 'application/gzip');
  const flat = name.replace(/^@/, '').replaceAll('/', '-');
  return {
    registry: context.name,
    name,
    version,
    digest: ssri.fromData(bytes, { algorithms: ['sha512'] }).toString(),
    files: [{ name: `${flat}-${version}.tgz`, content }],
  };
}
