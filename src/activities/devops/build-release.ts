import { join } from 'node:path';
import type { DevopsActivities } from '../../contracts/activities.ts';
import { unpackCommit } from '../../integrations/git/bundle.ts';
import { withCheckout } from '../../integrations/git/checkout.ts';
import { packPackage } from '../../providers/registry/npm/pack.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { BuiltPackage } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { fail } from '../fail.ts';
import type { ProductScriptOutcome } from '../run-product-script.ts';
import { runProductScript } from '../run-product-script.ts';
import { withScratch } from '../scratch.ts';
import { buildImage, readImage } from './build-image.ts';
import { findMade, tellBuild } from './build-script.ts';

/**
 * Builds once and puts the bytes into the store. A repeated build (its worker died) may give other bytes, but only
 * one result is ever reported, and everything later goes by that one's digest.
 */
export function buildRelease(deps: ActivityDeps): DevopsActivities['buildRelease'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const script = product.scripts.build;
    const wantsNpm = product.release.publishRegistries.includes('npm');
    if (!script && wantsNpm) return await packOnly(deps, product, input);
    if (!script) {
      throw fail('Mistake', {
        what: `${product.name} has no build script`,
        changed: 'nothing',
        next: 'configure scripts.build, then retry: nothing is released without a build',
      });
    }
    return await runProductScript(
      deps,
      {
        product,
        script,
        title: 'build',
        commit: input.commit,
        bundle: input.bundle,
        facts: tellBuild('build', input),
        variables: product.variables,
        secrets: {},
      },
      async (outcome) => {
        const built = wantsNpm ? await pack(deps, outcome.folder) : undefined;
        const artifact = built?.tarball ?? (await takeArtifact(deps, outcome));
        const image =
          (await readImage(deps, product, outcome)) ??
          (await buildImage(deps, product, { ...input, artifact }));
        return {
          artifact,
          log: outcome.log,
          ...(built === undefined ? {} : { package: built }),
          ...(image === undefined ? {} : { image }),
        };
      },
    );
  };
}

/** A package that needs no build is only packed. */
async function packOnly(
  deps: ActivityDeps,
  product: ProductSettings,
  input: Parameters<DevopsActivities['buildRelease']>[0],
): ReturnType<DevopsActivities['buildRelease']> {
  const mirror = await openProductMirror(deps, product);
  await unpackCommit(mirror, await deps.store.read(input.bundle), input.commit);
  return await withCheckout(mirror, input.commit, async (checkout) => {
    const built = await pack(deps, join(checkout, product.path));
    const image = await buildImage(deps, product, { ...input, artifact: built.tarball });
    return { artifact: built.tarball, package: built, ...(image === undefined ? {} : { image }) };
  });
}

async function pack(deps: ActivityDeps, folder: string): Promise<BuiltPackage> {
  return await withScratch(deps, async (outFolder) => {
    const packed = await packPackage({ folder, outFolder, signal: deps.signal() });
    const tarball = await deps.store.putFile(packed.file, 'application/gzip');
    return { name: packed.name, version: packed.version, integrity: packed.integrity, tarball };
  });
}

async function takeArtifact(deps: ActivityDeps, outcome: ProductScriptOutcome) {
  const named = outcome.output['artifact'];
  if (typeof named !== 'string') {
    throw fail('Mistake', {
      what: 'the build script named no artifact',
      changed: 'nothing',
      next: 'have it write {"artifact": "path"} to WINDLASS_OUTPUT, or publish to npm, whose tarball then is the artifact',
    });
  }
  return await deps.store.putFile(await findMade(outcome.folder, named, 'the artifact of the build script'));
}
