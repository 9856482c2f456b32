import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveRanges } from '../../../../src/providers/registry/npm/workspace/resolve-ranges.ts';
import type { FileSource } from '../../../../src/release/plan/version-files/file-source.ts';
import { openRoleRig } from '../../../support/fixture/role-rig.ts';

function sourceOf(files: Record<string, string>): FileSource {
  return {
    read: async (path) => files[path] ?? null,
    list: async (folder) => {
      const start = folder === '' ? '' : `${folder}/`;
      const below = Object.keys(files).filter((path) => path.startsWith(start));
      return [...new Set(below.map((path) => path.slice(start.length).split('/')[0] ?? ''))];
    },
  };
}

const json = (data: object) => JSON.stringify(data);

const PNPM = sourceOf({
  'pnpm-workspace.yaml': [
    "packages: ['packages/*', 'tools/**', '!packages/old']",
    "catalog: { react: ^19.1.0, local: 'link:../x' }",
    'catalogs: { legacy: { react: ^17.0.2 } }',
  ].join('\n'),
  'package.json': json({ name: 'root', version: '0.0.0' }),
  'packages/core/package.json': json({ name: '@t/core', version: '2.3.4' }),
  'packages/old/package.json': json({ name: '@t/old', version: '1.0.0' }),
  'packages/unversioned/package.json': json({ name: '@t/unversioned' }),
  'tools/deep/lint/package.json': json({ name: '@t/lint', version: '0.4.0' }),
  'packages/app/package.json': json({ name: '@t/app', version: '1.0.0' }),
});

const resolve = async (dependencies: Record<string, string>, source = PNPM, folder = 'packages/app') => {
  const { manifest, unresolved } = await resolveRanges({ name: 'x', dependencies }, source, folder);
  return { ...(manifest['dependencies'] as object), ...(unresolved.length === 0 ? {} : { unresolved }) };
};

describe('ranges that only a workspace understands', () => {
  // The values are those of pnpm's own documentation (workspaces, catalogs) and of yarn's (protocols).
  it.each([
    ['@t/core', 'workspace:*', '2.3.4'],
    ['@t/core', 'workspace:^', '^2.3.4'],
    ['@t/core', 'workspace:~', '~2.3.4'],
    ['@t/core', 'workspace:^2.0.0', '^2.0.0'],
    ['@t/core', 'workspace:>=2 <3', '>=2 <3'],
    ['@t/core', 'workspace:^ || ^1.0.0', '^2.3.4 || ^1.0.0'],
    ['core', 'workspace:@t/core@*', 'npm:@t/core@2.3.4'],
    ['core', 'workspace:@t/core@^', 'npm:@t/core@^2.3.4'],
    ['@t/core', 'workspace:../core', '2.3.4'],
    ['core', 'workspace:../core', 'npm:@t/core@2.3.4'],
    ['@t/lint', 'workspace:^', '^0.4.0'],
    ['react', 'catalog:', '^19.1.0'],
    ['react', 'catalog:default', '^19.1.0'],
    ['react', 'catalog:legacy', '^17.0.2'],
    ['left', 'npm:right@^1', 'npm:right@^1'],
  ])('are what pnpm and yarn would publish: %s@%s', async (name, range, expected) => {
    expect(await resolve({ [name]: range })).toEqual({ [name]: expected });
  });

  it.each([
    ['@t/none', 'workspace:^', 'no package of the workspace is called @t/none'],
    ['@t/old', 'workspace:^', 'no package of the workspace is called @t/old'],
    ['@t/unversioned', 'workspace:*', 'no package of the workspace is called @t/unversioned'],
    ['vue', 'catalog:', 'no catalog default has it'],
    ['react', 'catalog:none', 'no catalog none has it'],
    ['local', 'catalog:', 'its catalog says link:../x'],
    ['a', 'link:../a', 'a folder or file of its author'],
    ['a', 'file:../a.tgz', 'a folder or file of its author'],
    ['a', 'portal:../a', 'a folder or file of its author'],
    ['a', 'workspace:../nowhere', 'no package is there'],
  ])('are refused with the reason: %s@%s', async (name, range, why) => {
    const found = await resolve({ [name]: range });
    expect(found).toEqual({
      [name]: range,
      unresolved: [expect.stringContaining(`${name}@${range} (${why}`)],
    });
  });

  it('are found by yarn, npm and bun workspaces as well', async () => {
    const yarn = sourceOf({
      'mono/package.json': json({
        private: true,
        workspaces: { packages: ['libs/*'], catalog: { bun: '^1' } },
      }),
      'mono/.yarnrc.yml': 'catalog: { zod: ^4.0.0 }\ncatalogs: { old: { zod: ^3.0.0 } }',
      'mono/libs/a/package.json': json({ name: 'a', version: '7.0.0' }),
      'mono/libs/b/package.json': json({ name: 'b', version: '7.0.0' }),
    });
    expect(
      await resolve({ a: 'workspace:^', zod: 'catalog:old', bun: 'catalog:' }, yarn, 'mono/libs/b'),
    ).toEqual({
      a: '^7.0.0',
      zod: '^3.0.0',
      bun: '^1',
    });
    expect(await resolve({ a: 'workspace:^' }, sourceOf({ 'package.json': json({}) }), '')).toEqual({
      a: 'workspace:^',
      unresolved: ['a@workspace:^ (this is no workspace)'],
    });
  });

  it('do not matter where nobody installs them', async () => {
    const manifest = { devDependencies: { a: 'link:../a', '@t/core': 'workspace:^' } };
    const found = await resolveRanges(manifest, PNPM, 'packages/app');
    expect(found).toMatchObject({
      unresolved: [],
      manifest: { devDependencies: { a: 'link:../a', '@t/core': '^2.3.4' } },
    });
  });
});

describe('a package of a workspace', () => {
  const FILES = {
    'pnpm-workspace.yaml': "packages: ['packages/*']\ncatalog: { ms: ^2.1.3 }\n",
    'packages/core/package.json': json({ name: '@t/core', version: '2.3.4' }),
    'packages/app/ops/test': '#!/bin/sh\nexit 0\n',
    'packages/app/index.js': '1\n',
  };
  const PRODUCT = {
    path: 'packages/app',
    scripts: { test: 'ops/test' },
    // Nothing is asked of it here: it is away, which is noted.
    registries: {
      npm: { url: 'http://127.0.0.1:9/', access: 'public', token: 'npm', allow_first_publish: true },
    },
  };
  const start = async (dependencies: Record<string, string>) => {
    const rig = await openRoleRig(PRODUCT, { npm: 'token' });
    onTestFinished(rig.close);
    const manifest = json({ name: '@t/app', version: '1.0.0', main: 'index.js', dependencies });
    await rig.commit('feat: begin', { ...FILES, 'packages/app/package.json': manifest }, 'v1.0.0');
    await rig.commit('feat: more', { 'packages/app/index.js': '2\n' });
    return rig;
  };

  it('is packed by npm with the ranges that pnpm would put in', async () => {
    const rig = await start({ '@t/core': 'workspace:^', ms: 'catalog:' });
    const plan = await rig.plan();
    expect(plan.blockers).toEqual([]);
    const made = await rig.release.commitRelease({ plan });
    const about = { product: 'lib', releaseId: rig.request.releaseId, version: plan.version };
    const built = await rig.devops.buildRelease({ ...about, plannedAt: plan.plannedAt, ...made });
    const tarball = join(rig.root, 'packed.tgz');
    writeFileSync(tarball, await rig.store.read(built.artifact!));
    const packed = execFileSync('tar', ['xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
    expect(JSON.parse(packed)).toMatchObject({
      version: '1.1.0',
      dependencies: { '@t/core': '^2.3.4', ms: '^2.1.3' },
    });
  });

  it('is one of several of one version, each with a registry entry and a folder of its own', async () => {
    const entry = { ...PRODUCT.registries.npm, kind: 'npm' };
    const rig = await openRoleRig(
      {
        scripts: { test: 'ops/test' },
        version_files: ['packages/core/package.json', 'packages/app/package.json'],
        registries: {
          core: { ...entry, path: 'packages/core' },
          app: { ...entry, path: 'packages/app' },
          root: entry,
        },
      },
      { npm: 'token' },
    );
    onTestFinished(rig.close);
    const manifest = (name: string, more = {}) => json({ name, version: '1.0.0', ...more });
    await rig.commit(
      'feat: begin',
      {
        'ops/test': '#!/bin/sh\nexit 0\n',
        'pnpm-workspace.yaml': FILES['pnpm-workspace.yaml'],
        'package.json': json({ name: 'everything', private: true }),
        'packages/core/package.json': manifest('@t/core'),
        'packages/app/package.json': manifest('@t/app', { dependencies: { '@t/core': 'workspace:^' } }),
      },
      'v1.0.0',
    );
    await rig.commit('feat: more');
    const plan = await rig.plan();
    // The top of a workspace is no package, and is named as what it is.
    expect(plan.blockers).toEqual([expect.stringContaining('everything says "private": true')]);
    delete rig.settings!.registries['root'];
    const made = await rig.release.commitRelease({ plan });
    const about = { product: 'lib', releaseId: rig.request.releaseId, version: plan.version };
    const { built = [] } = await rig.devops.buildRelease({ ...about, plannedAt: plan.plannedAt, ...made });
    expect(built.map(({ registry, name, version }) => [registry, name, version])).toEqual([
      ['core', '@t/core', '1.1.0'],
      ['app', '@t/app', '1.1.0'],
    ]);
    const tarball = join(rig.root, 'packed.tgz');
    writeFileSync(tarball, await rig.store.read(built[1]!.files[0]!.content));
    const packed = execFileSync('tar', ['xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
    expect(JSON.parse(packed)).toMatchObject({ dependencies: { '@t/core': '^1.1.0' } });
  });

  it('is refused at readiness where the workspace does not say', async () => {
    const rig = await start({ '@t/none': 'workspace:^', beside: 'file:../beside' });
    await expect(rig.plan()).resolves.toMatchObject({
      blockers: [
        expect.stringMatching(
          /@t\/none@workspace:\^ \(no package of the workspace.*beside@file:\.\.\/beside \(a folder or file of its author\)/,
        ),
      ],
    });
  });
});
