import type { Built, BuiltImage } from '../../../release/values.ts';
import { RegistryMistake } from '../failure.ts';
import type { Build, Made, RegistryContext } from '../registry.ts';
import type { OciSettings } from './kind.ts';
import { keepLayout } from './stored-layout.ts';

/**
 * The image, once, before the gates, so that the one that they see is the one that goes out: the build script's, else
 * the `container` script's, which is given the artifact.
 */
export async function makeImage(
  context: RegistryContext,
  settings: OciSettings,
  build: Build,
): Promise<Built> {
  const own = await readImage(context, settings, build, build);
  if (own) return describeBuilt(context, build, own);
  const image = await build.runScript('container', async (made) => {
    const named = await readImage(context, settings, build, made);
    if (named) return named;
    throw new RegistryMistake(
      'The container script named no image.',
      'Have it write {"image": "registry/name@sha256:…"} or {"image_layout": "folder"} to WINDLASS_OUTPUT, then replan.',
    );
  });
  if (image) return describeBuilt(context, build, image);
  throw new RegistryMistake(
    `${context.product.name} publishes an image, but has no container script, and its build script named none.`,
    `Configure scripts.container, or take ${context.name} out of publish_registries, then replan.`,
  );
}

function describeBuilt({ name: registry }: RegistryContext, { version }: Build, image: BuiltImage): Built {
  return { registry, name: image.repository, version, digest: image.digest, files: [], image };
}

/**
 * The image that a script made: `image` names one that it pushed, by its digest; `image_layout` a folder of the
 * checkout with an OCI layout, which is kept in the store and pushed at publishing.
 */
async function readImage(
  context: RegistryContext,
  settings: OciSettings,
  build: Build,
  { output, folder }: Made,
): Promise<BuiltImage | undefined> {
  const { image, image_layout: layout } = output;
  if (typeof layout === 'string') {
    const kept = await keepLayout(context.store, await build.findMade(folder, layout, 'the image layout'));
    return { repository: settings.repository, digest: kept.digest, layout: kept.layout };
  }
  if (typeof image !== 'string') return undefined;
  const [repository = '', digest = ''] = image.split('@');
  if (repository !== '' && /^sha256:[0-9a-f]{64}$/.test(digest)) return { repository, digest };
  throw new RegistryMistake(
    `A script named the image ${JSON.stringify(image.slice(0, 200))}, which is not registry/name@sha256:….`,
    'Have it write the digest of the manifest that it pushed (no tag of this release was made), then replan.',
  );
}
