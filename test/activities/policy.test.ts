import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.ts';
import { createDevopsActivities } from '../../src/activities/devops/index.ts';
import { ACTIVITY_CHANGES, type ActivityName } from '../../src/activities/policy/describe-changes.ts';
import { refuseByConfiguration } from '../../src/activities/policy/refuse-by-configuration.ts';
import { createQaActivities } from '../../src/activities/qa/index.ts';
import { createReleaseActivities } from '../../src/activities/release/index.ts';
import { createSupportActivities } from '../../src/activities/support/index.ts';
import { createWriterActivities } from '../../src/activities/writer/index.ts';
import { GIT_TEXTS } from '../../src/release/git-texts.ts';
import type { ProductSettings } from '../../src/release/settings.ts';
import { failureOf } from './enter-role.ts';

const ACTIVITIES = fileURLToPath(new URL('../../src/activities', import.meta.url));
const CONTRACTS = ['activities.ts', 'preflight.ts'].map((file) =>
  fileURLToPath(new URL(`../../src/contracts/${file}`, import.meta.url)),
);

/** How code that changes something outside looks: there is no other way to do it. */
const CHANGING =
  /\b(performEffect|performChange|sendOnce|createCommit|packCommit|putNamed|runEnvironmentScript|runMetricScript|(?<!Metric)runProductScript|pushRef|deleteRef|store\.put)\(/;

describe('the policy point', () => {
  it('knows every activity of the contract', () => {
    expect(Object.keys(ACTIVITY_CHANGES).sort()).toEqual(listActivities());
  });

  it('is asked by every activity whose code changes something outside', () => {
    const unasked = listActivities().filter((name) => {
      const source = findSource(name);
      return CHANGING.test(source) && ACTIVITY_CHANGES[name as ActivityName] === 'looks';
    });
    expect(unasked).toEqual([]);
  });

  it('is asked before any of their code runs, and answers whatever the input is', async () => {
    const deps = refuseToBeTouched();
    const activities: Record<string, (input: unknown) => Promise<unknown>> = {
      ...(createReleaseActivities(deps) as object),
      ...(createWriterActivities(deps) as object),
      ...(createQaActivities(deps) as object),
      ...(createDevopsActivities(deps) as object),
      ...(createSupportActivities(deps, undefined as never) as object),
    };
    const changing = listActivities().filter((name) => ACTIVITY_CHANGES[name as ActivityName] !== 'looks');
    expect(changing.length).toBeGreaterThan(15);
    for (const name of changing) {
      for (const input of [undefined, null, 'text', {}, { plan: 1 }, { product: 'nobody', releaseId: 'x' }]) {
        const failure = await failureOf(activities[name]!(input));
        expect(['NotAuthorized', 'Mistake'], `${name}: ${failure.what}`).toContain(failure.type);
        expect(failure.changed).toBe('nothing');
      }
    }
  });
});

describe('a change that the configuration does not know', () => {
  const product = {
    name: 'shop',
    tagFormat: 'shop@{version}',
    release: { releaseBranch: 'main', publishRegistries: ['npm'] },
    registries: { npm: {} },
    environments: [{ name: 'production', kind: 'production', restoreDatabase: 'never' }],
  } as unknown as ProductSettings;
  const acting = { product: 'shop', releaseId: 'shop-1' };
  const branch = (name: string) =>
    refuseByConfiguration(product, {
      ...acting,
      change: 'push_branch',
      branch: name,
      commit: 'c',
      base: 'b',
      replaces: [],
    });

  it('is a branch that no release of the product makes', () => {
    expect(branch('release/shop/v1.2.3')).toBeUndefined();
    expect(branch('hotfix/shop/v1.2.3-rc.1')).toBeUndefined();
    for (const other of [
      ...['main', 'release/shop/vmain', 'release/shop2/v1.2.3', 'release/shop/v1.2.3/../../main'],
      ...['refs/heads/main', '', 'release/shop/', 'hotfix/shop/v1.2.3-by-hand\n'],
    ]) {
      expect(branch(other), other).toMatch(/is no branch that a release of it makes/);
    }
  });

  it('is a branch of another form than the product’s own template', () => {
    const git = { ...GIT_TEXTS, branch: 'rel/{version}+{product}', hotfixBranch: '{version}/fix-{version}' };
    const push = (name: string) =>
      refuseByConfiguration(
        { ...product, git },
        { ...acting, change: 'delete_branch', branch: name, commits: [] },
      );
    expect(push('rel/1.2.3+shop')).toBeUndefined();
    expect(push('1.2.3/fix-1.2.3')).toBeUndefined();
    for (const other of ['release/shop/v1.2.3', 'rel/1.2.3+other', '1.2.3/fix-1.2.4', 'relx1.2.3+shop']) {
      expect(push(other), other).toMatch(/no branch/);
    }
  });

  it('is a deployment to show that names a strange environment, ref, state or link', () => {
    const show = (over: object) =>
      refuseByConfiguration(product, {
        ...acting,
        ...{ change: 'show_deployment', environment: 'production', version: '1.2.3', round: 'back-1' },
        ...{ commit: 'a'.repeat(40), state: 'success', flow: 'hotfix' },
        ...over,
      } as never);
    expect(show({})).toBeUndefined();
    for (const over of [
      ...[{ environment: 'elsewhere' }, { commit: 'main' }, { commit: '--upload-pack=x' }, { version: 'v1' }],
      ...[{ state: 'error' }, { round: '1\n2' }, { flow: '../x' }, { releaseId: '<b>' }],
    ]) {
      expect(show(over), JSON.stringify(over)).toEqual(expect.any(String));
    }
  });

  it('is a tag of another form or version, a registry that it does not publish to, a restore that it forbids', () => {
    const tag = (name: string) =>
      refuseByConfiguration(product, { ...acting, change: 'tag', version: '1.2.3', tag: name, commit: 'c' });
    expect(tag('shop@1.2.3')).toBeUndefined();
    expect(tag('v1.2.3')).toContain('shop@1.2.3');
    expect(tag('shop@1.2.4')).toContain('shop@1.2.3');
    const version = '1.2.3';
    const about = { version, package: 'shop', digest: 'sha512-x' };
    const offer = (registry: string) =>
      refuseByConfiguration(product, { ...acting, change: 'offer', registry, ...about });
    expect(offer('npm')).toBeUndefined();
    expect(offer('constructor')).toContain('publishes to no');
    const restore = { script: 'restore', environment: 'production', generation: 1, commit: 'c' } as const;
    const script = { ...acting, change: 'environment_script', version, ...restore } as const;
    expect(refuseByConfiguration(product, script)).toContain('restore_database: never');
  });
});

/** The names of all methods of the contract's interfaces, from its text: a new one cannot be forgotten. */
function listActivities(): string[] {
  const text = CONTRACTS.map((file) => readFileSync(file, 'utf8')).join('\n');
  const interfaces = text.matchAll(/interface \w+Activities (?:extends \w+ )?\{\n(.*?)\n\}/gs);
  const names = [...interfaces].flatMap(([, body = '']) =>
    [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name = '']) => name),
  );
  return [...new Set(names)].sort();
}

/** The code that makes the activity, with the helpers below it, but not with the next activity of its file. */
function findSource(name: string): string {
  const made = new RegExp(`export function ${name}\\(`);
  const files = readdirSync(ACTIVITIES, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const texts = files.map((file) => readFileSync(join(ACTIVITIES, file), 'utf8'));
  const found = texts.find((text) => made.test(text));
  // The smoke script is the only activity that another function makes.
  if (name === 'smokeEnvironment') return 'runEnvironmentScript(';
  if (found === undefined) throw new Error(`no file of src/activities makes ${name}`);
  const own = found.slice(found.search(made));
  const next = own.slice(1).search(/^export function /m);
  return next < 0 ? own : own.slice(0, next + 1);
}

/** A worker on which nothing may be used but its configuration. */
function refuseToBeTouched(): ActivityDeps {
  const touched = () => {
    throw new Error('its code ran');
  };
  return {
    role: 'release',
    installation: { file: 'windlass.yaml', products: {} } as never,
    store: new Proxy({}, { get: touched }) as never,
    barrier: touched,
    signal: touched,
    attempt: touched,
    isOwned: touched,
  };
}
