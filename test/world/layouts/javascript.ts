import { expect } from 'vitest';
import type { Layout } from './layout.ts';
import { onNpm } from './publishing/packages.ts';

const json = (data: object) => `${JSON.stringify(data, null, 2)}\n`;

/** Packages of a pnpm workspace, each with a version and tags of its own, as bundlers and frameworks have them. */
const pnpmMonorepo: Layout = {
  name: 'pnpm monorepo, a package with its own tags',
  product: {
    title: '@kit/plugin',
    path: 'packages/plugin',
    tag_format: 'plugin@{version}',
    scripts: { test: { run: 'true' } },
    registries: { npm: { url: 'http://127.0.0.1:9/', access: 'public', allow_first_publish: true } },
  },
  history: [
    [
      'feat: first packages',
      {
        'package.json': json({ name: 'kit', private: true, packageManager: 'pnpm@10.5.0' }),
        'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\ncatalog:\n  magic-string: ^0.30.17\n",
        'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
        'packages/core/package.json': json({ name: '@kit/core', version: '4.1.0' }),
        'packages/plugin/package.json': json({
          name: '@kit/plugin',
          version: '0.8.2',
          type: 'module',
          main: './index.js',
          dependencies: { '@kit/core': 'workspace:^', 'magic-string': 'catalog:' },
        }),
        'packages/plugin/index.js': 'export default () => {};\n',
      },
    ],
    ['release: core@4.1.0', {}, 'core@4.1.0'],
    ['release: plugin@0.8.2', {}, 'plugin@0.8.2'],
    ['feat(core): watch folders (#14)', { 'packages/core/watch.js': '1\n' }],
    ['feat(plugin): inline small files (#15)', { 'packages/plugin/index.js': 'export default (x) => x;\n' }],
    [
      'chore(deps): update dependency magic-string to ^0.30.18 (#16)',
      { 'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\ncatalog:\n  magic-string: ^0.30.18\n" },
    ],
  ],
  expected: {
    version: '0.9.0',
    tag: 'plugin@0.9.0',
    files: {
      'packages/plugin/package.json': /"version": "0\.9\.0"/,
      'packages/core/package.json': /"version": "4\.1\.0"/,
    },
    changelog: 'packages/plugin/CHANGELOG.md',
    changes: 'inline small files',
    not: 'watch folders',
  },
  publishing: onNpm(
    { npm: '' },
    {
      '@kit/plugin': (found) => {
        expect(found['dist-tags']).toEqual({ latest: '0.9.0' });
        expect(found.versions['0.9.0']?.dependencies).toEqual({
          '@kit/core': '^4.1.0',
          'magic-string': '^0.30.18',
        });
      },
    },
  ),
};

/** One version for all packages, kept by lerna.json. */
const lernaFixed: Layout = {
  name: 'lerna monorepo, one version for all packages',
  product: { version_files: ['lerna.json', 'packages/a/package.json', 'packages/b/package.json'] },
  history: [
    [
      'feat: begin',
      {
        'lerna.json': json({ version: '7.26.0', npmClient: 'yarn', packages: ['packages/*'] }),
        'package.json': json({ name: 'tools', private: true, workspaces: ['packages/*'] }),
        'packages/a/package.json': json({ name: '@tools/a', version: '7.26.0' }),
        'packages/b/package.json': json({
          name: '@tools/b',
          version: '7.26.0',
          dependencies: { '@tools/a': '^7.26.0' },
        }),
      },
    ],
    ['v7.26.0', {}, 'v7.26.0'],
    [
      'Add v7.26.0 to CHANGELOG.md [skip ci]',
      { 'CHANGELOG.md': '# Changelog\n\n## v7.26.0 (2026-01-01)\n\n* begin\n' },
    ],
    ['fix: keep comments of removed lines (#17001)', { 'packages/a/x.js': '1\n' }],
  ],
  expected: {
    version: '7.26.1',
    tag: 'v7.26.1',
    files: {
      'lerna.json': /"version": "7\.26\.1"/,
      'packages/a/package.json': /"version": "7\.26\.1"/,
      'packages/b/package.json': /"version": "7\.26\.1"/,
    },
    changes: 'keep comments of removed lines',
    not: 'Add v7.26.0',
  },
  publishing: onNpm(
    { a: 'packages/a', b: 'packages/b' },
    {
      '@tools/a': (found) => expect(found['dist-tags']).toEqual({ latest: '7.26.1' }),
      '@tools/b': (found) => expect(found['dist-tags']).toEqual({ latest: '7.26.1' }),
    },
  ),
};

/** A library that still mends an old line on a branch of its own. */
const maintenanceLine: Layout = {
  name: 'library with a 1.x line',
  product: { release: { release_branch: '1.x' } },
  history: [
    ['feat: one', { 'package.json': json({ name: 'lib', version: '1.4.0' }) }, 'v1.4.0'],
    ['feat!: two', { 'package.json': json({ name: 'lib', version: '2.0.0' }) }, 'v2.0.0'],
    ['feat: more of two', {}, 'v2.1.0'],
  ],
  line: {
    branch: '1.x',
    from: 'v1.4.0',
    history: [
      [
        'fix: parse dates before 1970 (#90)\n\n(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)',
      ],
    ],
  },
  expected: {
    version: '1.4.1',
    tag: 'v1.4.1',
    files: { 'package.json': /"version": "1\.4\.1"/ },
    changes: 'parse dates before 1970',
    not: 'more of two',
  },
  publishing: onNpm(
    { npm: '' },
    { lib: (found) => expect(found['dist-tags']).toEqual({ latest: '2.1.0', 'release-1.x': '1.4.1' }) },
    { name: 'lib', version: '2.1.0' },
  ),
};

/** What standard-version wrote for years. */
const conventionalChangelog: Layout = {
  name: 'npm package with lock file and a changelog of conventional commits',
  product: { changelog: { format: 'conventional-commits' } },
  history: [
    [
      'feat: begin',
      {
        'package.json': json({ name: 'args', version: '17.6.0', devDependencies: { c8: '^7.0.0' } }),
        'package-lock.json': json({
          name: 'args',
          version: '17.6.0',
          lockfileVersion: 3,
          packages: { '': { name: 'args', version: '17.6.0' }, 'node_modules/c8': { version: '7.0.0' } },
        }),
        'CHANGELOG.md':
          '# Changelog\n\n## [17.6.0](https://github.com/acme/args/compare/v17.5.1...v17.6.0) (2026-01-01)\n\n\n### Features\n\n* begin ([abc1234](https://github.com/acme/args/commit/abc1234))\n',
      },
    ],
    ['chore(main): release 17.6.0 (#2200)', {}, 'v17.6.0'],
    ['fix: aliases with dashes (#2201)', {}],
    ['feat!: drop Node 12 (#2202)\n\nBREAKING CHANGE: Node 16 is the oldest that is supported.', {}],
  ],
  expected: {
    version: '18.0.0',
    tag: 'v18.0.0',
    files: {
      'package.json': /"version": "18\.0\.0"/,
      'package-lock.json':
        /"version": "18\.0\.0",\n {2}"lockfileVersion"[\s\S]*"version": "18\.0\.0"[\s\S]*"version": "7\.0\.0"/,
    },
    changes: 'Node 16 is the oldest that is supported',
  },
  publishing: onNpm(
    { npm: '' },
    { args: (found) => expect(found['dist-tags']).toEqual({ latest: '18.0.0' }) },
  ),
};

export const JAVASCRIPT = [pnpmMonorepo, lernaFixed, maintenanceLine, conventionalChangelog];
