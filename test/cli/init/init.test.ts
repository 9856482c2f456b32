/** Configurations written by hand after those of well-known public projects, in real repositories. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runInit } from '../../../src/cli/init/init.ts';
import { isConfigMistakes } from '../../../src/config/installation.ts';
import { loadInstallation } from '../../../src/config/load.ts';
import { createRepository, type TestRepository } from '../../integrations/git/history-repository.ts';
import { say } from '../cli-context.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => repository.remove());

const json = (path: string, data: unknown) => repository.write(path, JSON.stringify(data));
const init = async () => await say(runInit, [], {}, repository.folder);
const file = () => join(repository.folder, 'windlass.yaml');
async function products() {
  const said = await init();
  expect(said).toMatchObject({ code: 0, err: '' });
  expect(said.out.split('\n').length).toBeLessThan(40);
  const loaded = loadInstallation({ file: file(), environment: {} });
  if (isConfigMistakes(loaded)) throw new Error(JSON.stringify(loaded.mistakes));
  return { out: said.out, products: loaded.products };
}

describe('windlass init', () => {
  it('reads package.json, tags and a Dockerfile, and writes once', async () => {
    json('package.json', { name: '@acme/shop', scripts: { test: 'vitest' } });
    repository.write('Dockerfile', 'FROM scratch\n');
    repository.commit('feat: one');
    for (const tag of ['release-1.0.0', 'release-1.1.0', 'release-2.0.0-beta.1', 'v0.1.0'])
      repository.git('tag', tag);
    const found = await products();
    expect(found.products['shop']).toMatchObject({ title: '@acme/shop', tagFormat: 'release-{version}' });
    expect(found.out).toMatch(/pre-releases among the tags: beta/);
    expect(found.out).toMatch(/Not taken over\n {2}- Dockerfile/);
    const before = readFileSync(file(), 'utf8');
    expect(before).toContain('access: restricted');
    expect(await init()).toMatchObject({ code: 1, err: expect.stringContaining('exists already') });
    expect(readFileSync(file(), 'utf8')).toBe(before);
  });

  it('needs no commit, and copies no credential', async () => {
    repository.git('remote', 'add', 'origin', 'https://ada:hunter2@git.example.test/acme/shop.git');
    json('package.json', {
      name: 'shop',
      publishConfig: { registry: 'https://u:hunter2@npm.example.test/' },
    });
    const { out } = await products();
    const text = readFileSync(file(), 'utf8');
    expect(text).toContain('"https://git.example.test/acme/shop.git"');
    expect(text + out).not.toContain('hunter2');
    expect(out).toMatch(/no commits yet/);
  });

  it('says what is broken without quoting it', async () => {
    json('package.json', { name: 'shop' });
    repository.write('.releaserc', '{ "tagFormat": hunter2: } ]');
    const { out } = await products();
    expect(out).toMatch(/semantic-release: \.releaserc is neither JSON nor YAML/);
    expect(out).not.toContain('hunter2');
  });

  it('refuses a folder without git, and a broken package.json', async () => {
    expect(await say(runInit, [], {}, '/')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no work tree'),
    });
    repository.write('package.json', '{ "name": [ }');
    expect(await init()).toMatchObject({ code: 1, err: expect.stringContaining('package.json is neither') });
    expect(existsSync(file())).toBe(false);
  });
});

describe('after semantic-release', () => {
  it('keeps its tags, branch and changelog (a package with plugins in package.json)', async () => {
    json('package.json', {
      name: 'fetch-client',
      release: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: semantic-release's own mark
        tagFormat: 'client-v${version}',
        branches: ['+([0-9])?(.{+([0-9]),x}).x', 'trunk', { name: 'beta', prerelease: true }],
        plugins: [
          [
            '@semantic-release/commit-analyzer',
            { preset: 'angular', releaseRules: [{ type: 'docs', release: 'patch' }] },
          ],
          ['@semantic-release/changelog', { changelogFile: 'docs/CHANGELOG.md' }],
          ['@semantic-release/exec', { prepareCmd: 'echo' }],
        ],
      },
    });
    const found = await products();
    expect(found.products['fetch-client']).toMatchObject({
      tagFormat: 'client-v{version}',
      breakingBelowOne: 'major',
      release: { releaseBranch: 'trunk' },
      changelog: { file: 'docs/CHANGELOG.md', format: 'conventional-commits' },
    });
    expect(found.out).toMatch(/releaseRules/);
    expect(found.out).toMatch(/plugin @semantic-release\/exec/);
  });

  it('reads .releaserc as YAML, and runs no program', async () => {
    json('package.json', { name: 'a', private: true });
    repository.write(
      '.releaserc',
      'branches: [master]\nplugins:\n  - - "@semantic-release/npm"\n    - npmPublish: false\n',
    );
    expect((await products()).products['a']).toMatchObject({ release: { releaseBranch: 'master' } });
  });

  it('says that a configuration is a program', async () => {
    json('package.json', { name: 'a' });
    repository.write('release.config.js', 'process.exit(9)');
    expect((await products()).out).toMatch(/release\.config\.js is a program/);
  });
});

describe('after release-please', () => {
  it('makes a product of each package, with its tags', async () => {
    json('package.json', { name: 'root', private: true, workspaces: ['packages/*'] });
    json('packages/core/package.json', { name: '@acme/core' });
    json('packages/tool/package.json', { name: '@acme/tool', publishConfig: { access: 'public' } });
    json('release-please-config.json', {
      'bump-minor-pre-major': true,
      packages: {
        'packages/core': { 'tag-separator': '@', 'include-v-in-tag': false },
        'packages/tool': { component: 'cli', 'bump-minor-pre-major': false, 'extra-files': ['a.md'] },
      },
    });
    const found = await products();
    expect(found.products['core']).toMatchObject({
      path: 'packages/core',
      tagFormat: 'core@{version}',
      breakingBelowOne: 'minor',
    });
    expect(found.products['tool']).toMatchObject({ tagFormat: 'cli-v{version}', breakingBelowOne: 'major' });
    expect(found.out).toMatch(/extra-files of packages\/tool/);
  });

  it('knows a repository that is one package without its name in tags', async () => {
    json('release-please-config.json', {
      packages: {
        '.': { 'release-type': 'go', 'include-component-in-tag': false, 'changelog-path': 'CHANGES.md' },
      },
    });
    const [product] = Object.values((await products()).products);
    expect(product).toMatchObject({ path: '', tagFormat: 'v{version}', changelog: { file: 'CHANGES.md' } });
  });
});

describe('after changesets', () => {
  it('makes a product of each public workspace', async () => {
    json('package.json', { name: 'root', private: true });
    repository.write('pnpm-workspace.yaml', 'packages: ["packages/*", "!packages/internal"]\n');
    for (const name of ['one', 'two', 'internal'])
      json(`packages/${name}/package.json`, { name: `@acme/${name}` });
    json('packages/site/package.json', { name: 'site', private: true });
    json('.changeset/config.json', { baseBranch: 'next', access: 'public', fixed: [['@acme/*']] });
    repository.write('.changeset/brave-dogs-sing.md', '---\n"@acme/one": patch\n---\nx\n');
    const found = await products();
    expect(Object.keys(found.products)).toEqual(['one', 'two']);
    expect(found.products['one']).toMatchObject({
      path: 'packages/one',
      tagFormat: '@acme/one@{version}',
      release: { releaseBranch: 'next' },
    });
    expect(readFileSync(file(), 'utf8')).toContain('access: public');
    expect(found.out).toMatch(/changeset files \(1 waiting\)/);
  });

  it('tags a repository of one package as git tag does', async () => {
    json('package.json', { name: '@acme/one' });
    json('.changeset/config.json', { access: 'restricted' });
    repository.commit('x');
    repository.git('tag', 'v1.0.0');
    expect((await products()).products['one']).toMatchObject({ tagFormat: 'v{version}', path: '' });
  });
});

describe('after standard-version', () => {
  it('keeps its prefix, file and version files', async () => {
    json('package.json', { name: 'a', devDependencies: { 'standard-version': '^9' } });
    json('.versionrc.json', {
      tagPrefix: '',
      infile: 'HISTORY.md',
      bumpFiles: ['package.json', 'VERSION.txt'],
      types: [],
    });
    const found = await products();
    expect(found.products['a']).toMatchObject({
      tagFormat: '{version}',
      breakingBelowOne: 'minor',
      changelog: { file: 'HISTORY.md' },
    });
    expect(found.out).toMatch(/bumpFiles VERSION\.txt/);
  });

  it('knows commit-and-tag-version by its key in package.json', async () => {
    json('package.json', { name: 'a', 'commit-and-tag-version': { tagPrefix: 'rel/' } });
    expect((await products()).products['a']).toMatchObject({ tagFormat: 'rel/{version}' });
  });
});
