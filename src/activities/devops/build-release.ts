import { join } from 'node:path';
import type { DevopsActivities } from '../../contracts/activities.ts';
import { unpackCommit } from '../../integrations/git/bundle.ts';
import { withCheckout } from '../../integrations/git/checkout.ts';
import type { Made } from '../../providers/registry/registry.ts';
import type { ProductScriptName, ProductSettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { Built, BuiltImage } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { fail } from '../fail.ts';
import { listRegistries, openProductRegistry, whatIsMadeFor } from '../open-registry.ts';
import { listenToPuts, noteMade } from '../release/retention/holdings.ts';
import { runProductScript } from '../run-product-script.ts';
import { findMade, tellBuild } from './build-script.ts';
import { takeSbom } from './take-sbom.ts';

type BuildInput = Parameters<DevopsActivities['buildRelease']>[0];

/**
 * Builds once and puts the bytes into the store. A repeated build (its worker died) may give other bytes, but only
 * one result is ever reported, and everything later goes by that one's digest.
 */
export function buildRelease(deps: ActivityDeps): DevopsActivities['buildRelease'] {
  return async (input) => {
    const { store, parts } = listenToPuts(deps.store);
    const made = await build({ ...deps, store }, input);
    const { product, releaseId, version, plannedAt: at } = input;
    // Logs stay with the record.
    const bytes = parts.filter(({ digest }) => digest !== made.log?.digest);
    await noteMade(deps.store, { product, releaseId, version, at, parts: bytes });
    return made;
  };
}

async function build(
  deps: ActivityDeps,
  input: BuildInput,
): Promise<Awaited<ReturnType<DevopsActivities['buildRelease']>>> {
  const product = findProduct(deps, input.product);
  const script = product.scripts.build;
  if (!script) return await packOnly(deps, product, input);
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
      apart: true,
    },
    async (outcome) => ({ ...(await collect(deps, product, input, outcome)), log: outcome.log }),
  );
}

/** A package that needs no build is only packed. */
async function packOnly(deps: ActivityDeps, product: ProductSettings, input: BuildInput) {
  if (!listRegistries(product).some((name) => whatIsMadeFor(product, name) === 'package')) {
    throw fail('Mistake', {
      what: `${product.name} has no build script`,
      changed: 'nothing',
      next: 'configure scripts.build, then retry: nothing is released without a build',
    });
  }
  const mirror = await openProductMirror(deps, product);
  await unpackCommit(mirror, await deps.store.read(input.bundle), input.commit);
  return await withCheckout(mirror, input.commit, (root) =>
    collect(deps, product, input, { folder: join(root, product.path), root, output: {} }),
  );
}

/** What was made, for each registry; what is deployed is what the build script names, else the first package. */
async function collect(
  deps: ActivityDeps,
  product: ProductSettings,
  input: BuildInput,
  made: Made & { root: string },
): Promise<{ artifact?: StoreRef; built: Built[]; image?: BuiltImage; sbom?: StoreRef }> {
  let artifact = await takeArtifact(deps, made);
  const built: Built[] = [];
  for (const name of inOrderOfMaking(product)) {
    const registry = await openProductRegistry(deps, product, name);
    const one = await registry.make({
      ...made,
      version: input.version,
      isBuilt: product.scripts.build !== undefined,
      ...(artifact === undefined ? {} : { artifact }),
      findMade,
      runScript: (script, use) => runOther(deps, product, script, { ...input, artifact }, use),
    });
    artifact ??= one.files[0]?.content;
    built.push(one);
  }
  const names = listRegistries(product);
  built.sort((a, b) => names.indexOf(a.registry) - names.indexOf(b.registry));
  const image = built.find((one) => one.image)?.image ?? readPushedImage(made);
  if (!artifact && !image) refuseNothing();
  const sbom = await takeSbom(deps, product, {
    folder: made.folder,
    root: made.root,
    plannedAt: input.plannedAt,
  });
  return {
    ...(artifact ? { artifact } : {}),
    built,
    ...(image === undefined ? {} : { image }),
    ...(sbom === undefined ? {} : { sbom }),
  };
}

/** Packages first, since an image may be made from what they make. */
function inOrderOfMaking(product: ProductSettings): string[] {
  const names = listRegistries(product);
  return [
    ...names.filter((name) => whatIsMadeFor(product, name) !== 'image'),
    ...names.filter((name) => whatIsMadeFor(product, name) === 'image'),
  ];
}

async function runOther<T>(
  deps: ActivityDeps,
  product: ProductSettings,
  name: ProductScriptName,
  input: BuildInput & { artifact: StoreRef | undefined },
  use: (made: Made) => Promise<T>,
): Promise<T | undefined> {
  const script = product.scripts[name];
  if (!script) return undefined;
  const run = {
    product,
    script,
    title: name,
    commit: input.commit,
    bundle: input.bundle,
    artifact: input.artifact,
    facts: tellBuild(name, input),
    variables: product.variables,
    secrets: {},
  };
  return await runProductScript(deps, run, use);
}

async function takeArtifact(deps: ActivityDeps, { folder, output }: Made): Promise<StoreRef | undefined> {
  const named = output['artifact'];
  if (typeof named !== 'string') return undefined;
  return await deps.store.putFile(await findMade(folder, named, 'the artifact of the build script'));
}

/** An image that the build script pushed by itself, of a product that publishes none. */
function readPushedImage({ output }: Made): BuiltImage | undefined {
  const [repository, digest, ...more] = String(output['image'] ?? '').split('@');
  return repository && /^sha256:[0-9a-f]{64}$/.test(digest ?? '') && more.length === 0
    ? { repository, digest: digest ?? '' }
    : undefined;
}

function refuseNothing(): never {
  throw fail('Mistake', {
    what: 'the build script named neither an artifact nor an image',
    changed: 'nothing',
    next: 'have it write {"artifact": "path"}, or {"image": "registry/name@sha256:…"}, to WINDLASS_OUTPUT; with a registry for packages, the package is the artifact',
  });
}
