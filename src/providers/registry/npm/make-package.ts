import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import ssri from 'ssri';
import type { Built } from '../../../release/values.ts';
import { RegistryMistake } from '../failure.ts';
import type { Build, RegistryContext } from '../registry.ts';
import { packPackage } from './pack.ts';
import { readPackedManifest } from './tarball.ts';

/**
 * The package, once. What the build script names is what is published, so that `pnpm pack` or `yarn pack` can be the
 * packer: `{"packages": {"npm": "shop-1.2.0.tgz"}}`, or an `artifact` that is a packed package. Else npm packs.
 */
export async function makePackage(context: RegistryContext, build: Build): Promise<Built> {
  const named = await findPacked(context, build);
  if (named !== undefined) return await takePackage(context, build, named);
  return await context.withScratch(async (outFolder) => {
    const packed = await packPackage({ folder: build.folder, outFolder, signal: context.signal() });
    return await takePackage(context, build, packed.file);
  });
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
