/** Configurations written by hand after those of axios, swagger-ui, gatsby, jest, GitHub's cli and caddy. */
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

async function init() {
  const said = await say(runInit, [], {}, repository.folder);
  expect(said).toMatchObject({ code: 0, err: '' });
  const loaded = loadInstallation({ file: `${repository.folder}/windlass.yaml`, environment: {} });
  if (isConfigMistakes(loaded)) throw new Error(JSON.stringify(loaded.mistakes));
  return { out: said.out, products: loaded.products };
}

// release-it's and GoReleaser's own marks.
const VERSION = '$' + '{version}';

describe('after release-it', () => {
  it('takes branch, changelog and what is not published from package.json (as axios has it)', async () => {
    json('package.json', {
      name: 'http-client',
      'release-it': {
        git: { commitMessage: `chore(release): v${VERSION}`, push: true, tag: true, requireBranch: 'v1.x' },
        github: { release: true, draft: true },
        npm: { publish: false, ignoreVersion: false },
        plugins: {
          '@release-it/conventional-changelog': {
            preset: 'angular',
            infile: 'CHANGES.md',
            header: '# Changelog',
          },
        },
        hooks: { 'before:init': 'npm test', 'after:bump': 'gulp version && npm run build' },
      },
    });
    const { out, products } = await init();
    expect(products['http-client']).toMatchObject({
      release: { releaseBranch: 'v1.x', publishRegistries: [] },
      changelog: { file: 'CHANGES.md', format: 'conventional-commits' },
      breakingBelowOne: 'major',
    });
    expect(out).toMatch(/release-it \(package\.json\)/);
    expect(out).toMatch(/hooks: what must pass goes into scripts\.test/);
    expect(out).toMatch(/git\.commitMessage/);
  });

  it('takes tags and access from its own file (as swagger-ui has it)', async () => {
    json('package.json', { name: '@docs/viewer', devDependencies: { 'release-it': '^17' } });
    json('.release-it.json', {
      git: { tagName: `release-${VERSION}`, requireUpstream: false, requireBranch: ['master', 'next'] },
      npm: { publishArgs: ['--access', 'public'], publishPath: 'dist' },
      plugins: { '@release-it/bumper': { in: 'package.json' } },
    });
    const { out, products } = await init();
    expect(products['viewer']).toMatchObject({
      tagFormat: 'release-{version}',
      release: { releaseBranch: 'master' },
      registries: { npm: { access: 'public' } },
    });
    expect(out).toMatch(/of several, master was taken/);
    expect(out).toMatch(/release-it asks a person for it/);
    expect(out).toMatch(/plugin @release-it\/bumper/);
  });

  it('reads no program, and no tag of which it knows a part only', async () => {
    json('package.json', { name: 'a' });
    repository.write('.release-it.js', 'process.exit(9)');
    expect((await init()).out).toMatch(/\.release-it\.js is not read here/);
  });
});

describe('after lerna', () => {
  it('makes a product of each public package of independent ones (as gatsby has it)', async () => {
    json('package.json', { name: 'root', private: true });
    json('lerna.json', {
      npmClient: 'yarn',
      version: 'independent',
      packages: ['packages/*'],
      command: {
        version: { conventionalCommits: true, allowBranch: 'master' },
        publish: { ignoreChanges: ['**/*.md'] },
      },
    });
    for (const name of ['core', 'plugin-a']) json(`packages/${name}/package.json`, { name: `@acme/${name}` });
    json('packages/site/package.json', { name: 'site', private: true });
    const { out, products } = await init();
    expect(Object.keys(products)).toEqual(['core', 'plugin-a']);
    expect(products['plugin-a']).toMatchObject({
      path: 'packages/plugin-a',
      tagFormat: '@acme/plugin-a@{version}',
      breakingBelowOne: 'minor',
      release: { releaseBranch: 'master' },
    });
    expect(out).toMatch(/ignoreChanges: has no counterpart/);
  });

  it('makes one product of packages that share a version (as jest has it)', async () => {
    json('package.json', { name: '@acme/root', private: true, workspaces: ['packages/*'] });
    json('lerna.json', { npmClient: 'yarn', version: '29.7.0' });
    for (const name of ['one', 'two']) json(`packages/${name}/package.json`, { name, version: '29.7.0' });
    const { out, products } = await init();
    expect(Object.keys(products)).toEqual(['root']);
    expect(products['root']).toMatchObject({
      path: '',
      tagFormat: 'v{version}',
      versionFiles: [
        { path: 'lerna.json' },
        { path: 'packages/one/package.json' },
        { path: 'packages/two/package.json' },
      ],
    });
    expect(out).toMatch(/one version for all packages/);
  });

  it('moves the version of lerna’s packages alone: not of examples, and of none that states no version', async () => {
    json('package.json', { name: '@acme/root', private: true, workspaces: ['packages/*', 'examples/*'] });
    json('lerna.json', { version: '29.7.0', packages: ['packages/*'] });
    json('packages/one/package.json', { name: 'one', version: '29.7.0' });
    json('packages/tools/package.json', { name: 'tools', private: true });
    json('packages/odd name/package.json', { name: 'odd', version: '29.7.0' });
    json('examples/react/package.json', { name: 'example-react', version: '0.0.0' });
    json('e2e/babel/package.json', { name: 'e2e-babel', version: '1.0.0' });
    const { out, products } = await init();
    expect(products['root']?.versionFiles?.map(({ path }) => path)).toEqual([
      'lerna.json',
      'packages/one/package.json',
    ]);
    expect(out).toMatch(/"packages\/odd name\/package\.json" cannot stand under version_files/);
  });
});

describe('after a tool that only CI names', () => {
  const workflow = (step: string) =>
    repository.write('.github/workflows/release.yml', `jobs:\n  release:\n    steps:\n      - ${step}\n`);

  it.each([
    'uses: cycjimmy/semantic-release-action@v5',
    'run: npx semantic-release@25',
    'run: npx semantic-release',
  ])('goes by the defaults of semantic-release (%s; as dom-testing-library has it)', async (step) => {
    json('package.json', { name: '@acme/dom', version: '0.0.0-semantically-released' });
    workflow(step);
    const { out, products } = await init();
    expect(products['dom']).toMatchObject({ tagFormat: 'v{version}', breakingBelowOne: 'major' });
    expect(out).toMatch(/semantic-release \(\.github\/workflows\/release\.yml\)/);
    expect(out).toMatch(/what it tells semantic-release \(branches, plugins\) was not looked up/);
    expect(out).toMatch(/take that away once Windlass releases/);
  });

  it('goes by the defaults of release-please’s action', async () => {
    json('package.json', { name: 'storage', version: '7.1.0' });
    workflow('{ uses: googleapis/release-please-action@v4, with: { release-type: node } }');
    const { out, products } = await init();
    expect(products['storage']).toMatchObject({
      path: '',
      tagFormat: 'v{version}',
      breakingBelowOne: 'major',
    });
    expect(out).toMatch(/release-please \(\.github\/workflows\/release\.yml\)/);
  });

  it('tells what publishes by an action', async () => {
    json('package.json', { name: 'storage', version: '7.1.0' });
    workflow('uses: JS-DevTools/npm-publish@v3');
    expect((await init()).out).toMatch(/release\.yml runs npm publish: take that away/);
  });
});

describe('after GoReleaser', () => {
  it('keeps the tags that Go needs, and says who builds now (as GitHub’s cli has it)', async () => {
    repository.write(
      '.goreleaser.yml',
      'version: 2\nproject_name: gh\nrelease:\n  prerelease: auto\n  draft: true\nbefore:\n  hooks: [make manpages]\nbuilds:\n  - id: macos\n    goos: [darwin]\narchives: []\n',
    );
    const { out, products } = await init();
    expect(products['gh']).toMatchObject({ tagFormat: 'v{version}', release: { publishRegistries: [] } });
    expect(out).toMatch(/builds, archives: have scripts\.build run "goreleaser build"/);
    expect(out).toMatch(/before\.hooks/);
  });

  it('knows a module in a folder by its prefix', async () => {
    repository.write(
      'goreleaser.yaml',
      'project_name: server\nmonorepo: { tag_prefix: cmd/server/, dir: cmd/server }\n',
    );
    const { products } = await init();
    expect(products['server']).toMatchObject({ path: 'cmd/server', tagFormat: 'cmd/server/v{version}' });
  });
});
