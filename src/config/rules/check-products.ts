/** A product hangs together: registries, scripts, environments, checks. */

import { HOST_NAMES } from '../../providers/host/hosts.ts';
import { kindOf as kindOfRegistry } from '../../providers/registry/registries.ts';
import type { EnvironmentKind } from '../../release/names.ts';
import { usesSlots } from '../../release/policy/strategies.ts';
import { RELEASE_TYPES } from '../../release/settings.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { showValue } from '../mistakes/show-value.ts';
import { kindOf } from '../normalise/normalise-environment.ts';
import { policyOf } from '../normalise/normalise-product.ts';
import { readMetricChecks } from '../normalise/read-metric-checks.ts';
import type { EnvironmentFile } from '../schema/environment-schema.ts';
import { registryName } from '../schema/fields.ts';
import type { ProductFile } from '../schema/product-schema.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** Reports what is missing for a product to go all the way, and what contradicts itself. */
export function checkProducts({ config }: RuleInput): RuleFinding[] {
  return Object.entries(config.products).flatMap(([name, product]) => [
    ...checkRegistries(name, product),
    ...checkProductScripts(name, product),
    ...checkHosts(name, product),
    ...checkMerge(name, product),
    ...checkKinds(name, product),
    ...Object.entries(product.environments).flatMap(([environment, settings]) =>
      checkEnvironment(['products', name, 'environments', environment], environment, settings, product),
    ),
  ]);
}

function checkRegistries(name: string, product: ProductFile): RuleFinding[] {
  const unnamed = Object.keys(product.registries).flatMap((registry): RuleFinding[] => {
    const named = registryName.safeParse(registry);
    if (named.success) return [];
    const path = ['products', name, 'registries', registry];
    return [{ path, at: 'key', expected: named.error.issues[0]?.message ?? '', found: registry }];
  });
  return unnamed.concat(checkPublishing(name, product));
}

function checkPublishing(name: string, product: ProductFile): RuleFinding[] {
  return (product.release.publish_registries ?? []).flatMap((registry, index) => {
    if (product.registries[registry] !== undefined) return [];
    const path = ['products', name, 'release', 'publish_registries', index];
    const expected = `a registry that is configured: products.${name}.registries.${registry} is not`;
    return [
      {
        path,
        at: 'value' as const,
        expected,
        found: registry,
        about: [['products', name, 'registries', registry]],
      },
    ];
  });
}

/** Pull requests are opened at a host. */
function checkMerge(name: string, product: ProductFile): RuleFinding[] {
  if (product.release.merge !== 'pull_request' || HOST_NAMES.some((host) => product[host])) return [];
  const sections = HOST_NAMES.map((host) => `products.${name}.${host}`).join(', ');
  return [
    {
      path: ['products', name, 'release', 'merge'],
      at: 'value',
      expected: `auto or push, or the host where the pull request is opened (${sections})`,
      found: product.release.merge,
      about: HOST_NAMES.map((host) => ['products', name, host]),
    },
  ];
}

function checkHosts(name: string, product: ProductFile): RuleFinding[] {
  const [, ...more] = HOST_NAMES.filter((host) => product[host] !== undefined);
  return more.map((host) => ({
    path: ['products', name, host],
    at: 'key',
    expected: 'one host for a product',
    found: 'another one beside it',
  }));
}

function checkProductScripts(name: string, product: ProductFile): RuleFinding[] {
  const findings: RuleFinding[] = [];
  const missing = (script: string, why: string) => {
    const about: ConfigPath[] = [['products', name, 'scripts', script]];
    findings.push({
      path: ['products', name],
      at: 'key',
      expected: `scripts.${script}: ${why}`,
      found: 'none',
      about,
    });
  };
  if (product.scripts.test === undefined && product.gates['tests']?.script === undefined) {
    missing('test', 'the tests always run');
  }
  const packs = Object.entries(product.registries).some(
    (entry) => kindOfRegistry(...entry)?.makes === 'package',
  );
  if (product.scripts.build === undefined && !packs) {
    missing('build', 'only a package for an npm registry can be packed without one');
  }
  return findings;
}

function checkKinds(name: string, product: ProductFile): RuleFinding[] {
  const findings: RuleFinding[] = [];
  const path = (environment: string): ConfigPath => ['products', name, 'environments', environment];
  const names: Record<EnvironmentKind, string[]> = { staging: [], production: [] };
  for (const [environment, settings] of Object.entries(product.environments)) {
    const kind = kindOf(environment, settings);
    if (kind !== undefined) names[kind].push(environment);
    else {
      const expected = 'kind: staging or kind: production, since the name does not say';
      findings.push({
        path: path(environment),
        at: 'key',
        expected,
        found: 'none',
        about: [[...path(environment), 'kind']],
      });
    }
  }
  for (const stage of names.staging) {
    if (product.environments[stage]?.wave === undefined) continue;
    const expected = 'no wave: stages come one after another, before production';
    findings.push({ path: [...path(stage), 'wave'], at: 'key', expected, found: 'wave' });
  }
  const all: ConfigPath = ['products', name, 'environments'];
  if (names.staging.length > 0 && names.production.length === 0 && findings.length === 0) {
    const expected = 'a production environment beside staging (a library has neither)';
    findings.push({ path: all, at: 'key', expected, found: 'none', about: [all] });
  }
  if (names.production.length > 0 && names.staging.length === 0 && findings.length === 0) {
    const expected = 'a staging environment, where a release is tried before people decide';
    findings.push({
      path: all,
      at: 'key',
      expected,
      found: 'none',
      about: [all],
      isWarning: true,
    });
  }
  return findings;
}

function checkEnvironment(
  path: ConfigPath,
  name: string,
  environment: EnvironmentFile,
  product: ProductFile,
): RuleFinding[] {
  const findings: RuleFinding[] = [];
  const isProduction = kindOf(name, environment) === 'production';
  const needed = new Map<string, string>([
    ['deploy', 'it puts the version there'],
    ['verify', 'it tells whether the version runs'],
    ['smoke', 'what is deployed is always smoke tested'],
  ]);
  if (isProduction) {
    for (const type of RELEASE_TYPES) {
      const { strategy } = policyOf(product)[type];
      if (usesSlots(strategy)) {
        needed.set('traffic', `a ${type} release is deployed ${strategy}`);
      }
    }
    if (product.release.rollback_on_failure) needed.set('rollback', 'rollback_on_failure is on');
    const mustRestore =
      environment.restore_database === 'always'
        ? 'restore_database is always'
        : environment.restore_database === 'ask' && !product.migrations.backward_compatible
          ? 'migrations are not backward compatible, and restore_database is ask'
          : undefined;
    if (mustRestore !== undefined) {
      needed.set('backup', mustRestore);
      needed.set('restore', mustRestore);
    }
  }
  for (const [script, why] of needed) {
    if (environment.scripts[script as keyof typeof environment.scripts] !== undefined) continue;
    const about: ConfigPath[] = [[...path, 'scripts', script]];
    findings.push({ path, at: 'key', expected: `scripts.${script}: ${why}`, found: 'none', about });
  }
  findings.push(...checkCanary(path, environment), ...checkVariables(path, environment, product));
  for (const { where, message } of readMetricChecks(environment.checks).mistakes) {
    // The reader names places as `checks[2].limit`; what it says of a key completes the sentence.
    const place = where.split(/[.[\]]+/).filter((part) => part !== '');
    const keys = place.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    const expected = `a check that can be judged: its ${keys.slice(2).join('.')} ${message}`;
    const written = keys.reduce<unknown>(
      (inner, part) => (inner as Record<string, unknown>)?.[part],
      environment,
    );
    findings.push({ path: [...path, ...keys], at: 'value', expected, found: showValue(written, keys) });
  }
  return findings;
}

function checkCanary(path: ConfigPath, { canary }: EnvironmentFile): RuleFinding[] {
  const findings: RuleFinding[] = [];
  canary.forEach(({ percent }, index) => {
    const before = canary[index - 1]?.percent ?? 0;
    if (percent > before) return;
    const place = [...path, 'canary', index, 'percent'];
    findings.push({
      path: place,
      at: 'value',
      expected: `more than the step before (${before})`,
      found: String(percent),
    });
  });
  const last = canary.at(-1)!.percent;
  if (last !== 100 && findings.length === 0) {
    const place = [...path, 'canary', canary.length - 1, 'percent'];
    findings.push({ path: place, at: 'value', expected: '100 as the last step', found: String(last) });
  }
  return findings;
}

function checkVariables(path: ConfigPath, environment: EnvironmentFile, product: ProductFile): RuleFinding[] {
  return Object.keys(environment.secrets).flatMap((name) => {
    if (!Object.hasOwn(environment.variables, name) && !Object.hasOwn(product.variables, name)) return [];
    const expected = 'a name that is not also a plain variable';
    return [{ path: [...path, 'secrets', name], at: 'key' as const, expected, found: name }];
  });
}
