import type { Effect } from '../contracts/activities.ts';
import { fetchMirror, resolveCommit } from '../integrations/git/mirror/mirror.ts';
import { kindOf, openRegistry } from '../providers/registry/registries.ts';
import type { Registry, RegistryChange, RegistryContext } from '../providers/registry/registry.ts';
import type { ProductSettings } from '../release/settings.ts';
import type { ActivityDeps } from './deps.ts';
import { openProductMirror, takeSecret } from './deps.ts';
import type { EffectName } from './effects.ts';
import { fail } from './fail.ts';
import { performEffect } from './perform-effect.ts';
import { runProductScript } from './run-product-script.ts';
import { withScratch } from './scratch.ts';

/**
 * A registry of the product, as this worker's own configuration has it. Nothing is sent yet.
 * @throws a `Mistake` where the product has none of that name
 */
export async function openProductRegistry(
  deps: ActivityDeps,
  product: ProductSettings,
  name: string,
): Promise<Registry> {
  const settings = Object.hasOwn(product.registries, name) ? product.registries[name] : undefined;
  const registry = settings && (await openRegistry(describeContext(deps, product, name, settings)));
  if (registry) return registry;
  throw fail('Mistake', {
    what: `${product.name} has no registry "${name}" in ${deps.installation.file}`,
    changed: 'nothing',
    next: `configure registries.${name}, then retry`,
  });
}

/** The registries to which the product publishes, in their order. */
export function listRegistries(product: ProductSettings): string[] {
  return product.release.publishRegistries.filter((name) => Object.hasOwn(product.registries, name));
}

/** Whether a registry makes a package by itself, an image from the artifact, or only takes files. */
export function whatIsMadeFor(product: ProductSettings, name: string): 'package' | 'image' | 'files' {
  return kindOf(name, product.registries[name])?.makes ?? 'files';
}

/** Performs what a registry described, one effect after the other. The value is what stands afterwards. */
export async function performChange(deps: ActivityDeps, change: RegistryChange): Promise<Effect<string[]>> {
  const stands = [...change.stays];
  const receipts: Effect<string[]>['receipts'] = [];
  for (const described of change.effects) {
    const effect = await performEffect(deps, { ...described, name: described.name as EffectName });
    stands.push(...effect.value);
    receipts.push(...effect.receipts);
  }
  return { value: stands, receipts };
}

function describeContext(
  deps: ActivityDeps,
  product: ProductSettings,
  name: string,
  settings: RegistryContext['settings'],
): RegistryContext {
  return {
    name,
    settings,
    product,
    store: deps.store,
    signal: () => deps.signal(),
    secret: (secret) => takeSecret(deps, secret),
    withScratch: (work) => withScratch(deps, work),
    runProgram: async ({ title, run, timeoutMs, facts, variables, secrets }, use) => {
      const mirror = await openProductMirror(deps, product);
      await fetchMirror(mirror);
      // What may use the registry's secrets is what the team merged, never a commit that an input names.
      const commit = await resolveCommit(mirror, product.release.releaseBranch);
      return await runProductScript(
        deps,
        {
          product,
          script: { run, timeoutMs },
          title,
          commit,
          facts,
          variables: { ...product.variables, ...variables },
          secrets,
        },
        use,
      );
    },
  };
}
