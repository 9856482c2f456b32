/**
 * Small repositories whose configuration is written by hand after that of a well-known public project, two for each
 * tool, each with a history that shows a habit of its people.
 */
export type Tool =
  | 'semantic-release'
  | 'release-it'
  | 'release-please'
  | 'changesets'
  | 'commit-and-tag-version'
  | 'lerna'
  | 'GoReleaser';

export interface Project {
  /** The project whose configuration it follows. */
  after: string;
  tool: Tool;
  files: Record<string, unknown>;
  /** The product, by its key in windlass.yaml. */
  product: string;
  /** The last release's tag, and the version in it. */
  tag: string;
  version: string;
  /** Since then, each touching `at` (the top where it is left out). */
  commits: string[];
  at?: string;
}

const VERSION = '$' + '{version}';
const root = (more: object) => ({ name: 'root', private: true, workspaces: ['packages/*'], ...more });

export const PROJECTS: readonly Project[] = [
  {
    after: 'testing-library/dom-testing-library',
    tool: 'semantic-release',
    files: {
      'package.json': { name: 'dom-library', version: '9.3.0', repository: 'acme/dom-library' },
      '.releaserc.json': {
        branches: ['+([0-9])?(.{+([0-9]),x}).x', 'main', { name: 'beta', prerelease: true }],
      },
    },
    ...{ product: 'dom-library', tag: 'v9.3.0', version: '9.3.0' },
    commits: ['fix(query): look into shadow roots', 'feat: match by role', 'chore: bump tools'],
  },
  {
    after: 'octokit/rest.js',
    tool: 'semantic-release',
    files: {
      'package.json': {
        ...{ name: '@kit/rest', version: '1.4.2', publishConfig: { access: 'public' } },
        release: {
          branches: ['main', 'next'],
          plugins: ['@semantic-release/commit-analyzer', '@semantic-release/npm'],
        },
      },
    },
    ...{ product: 'rest', tag: 'v1.4.2', version: '1.4.2' },
    commits: ['docs: how to page', 'Correct the default of per_page'],
  },
  {
    after: 'axios/axios',
    tool: 'release-it',
    files: {
      'package.json': {
        ...{ name: 'http-client', version: '1.7.2' },
        'release-it': {
          git: { commitMessage: `chore(release): v${VERSION}`, tagName: `v${VERSION}` },
          npm: { publish: false },
          plugins: { '@release-it/conventional-changelog': { preset: 'angular', infile: 'CHANGELOG.md' } },
        },
      },
    },
    ...{ product: 'http-client', tag: 'v1.7.2', version: '1.7.2' },
    commits: ['fix(fetch): keep the signal', 'feat(types): name what interceptors give'],
  },
  {
    after: 'swagger-api/swagger-ui',
    tool: 'release-it',
    files: {
      'package.json': { name: 'viewer', version: '5.17.0' },
      '.release-it.json': {
        git: { tagName: `v${VERSION}`, requireUpstream: false },
        npm: { publish: false },
      },
    },
    ...{ product: 'viewer', tag: 'v5.17.0', version: '5.17.0' },
    commits: ['feat: show examples beside each other'],
  },
  {
    after: 'googleapis/nodejs-storage',
    tool: 'release-please',
    files: {
      'package.json': { name: '@cloud/storage', version: '7.11.0' },
      'release-please-config.json': {
        packages: { '.': { 'release-type': 'node', 'include-component-in-tag': false } },
      },
      '.release-please-manifest.json': { '.': '7.11.0' },
    },
    ...{ product: 'storage', tag: 'v7.11.0', version: '7.11.0' },
    commits: ['feat!: drop Node 18', 'fix(deps): update the client'],
  },
  {
    after: 'open-feature/js-sdk',
    tool: 'release-please',
    files: {
      'package.json': root({}),
      'packages/web/package.json': { name: '@flags/web-sdk', version: '0.4.0' },
      'release-please-config.json': {
        ...{ 'bump-minor-pre-major': true, 'bump-patch-for-minor-pre-major': true },
        packages: { 'packages/web': { 'release-type': 'node' } },
      },
      '.release-please-manifest.json': { 'packages/web': '0.4.0' },
    },
    ...{ product: 'web-sdk', tag: 'web-sdk-v0.4.0', version: '0.4.0', at: 'packages/web/' },
    commits: ['feat: hooks that see the context'],
  },
  {
    after: 'withastro/astro',
    tool: 'changesets',
    files: {
      'package.json': root({}),
      'packages/site/package.json': { name: '@stars/site', version: '2.1.0' },
      '.changeset/config.json': { access: 'public', baseBranch: 'main', commit: false },
      '.changeset/quick-owls-sing.md': '---\n"@stars/site": minor\n---\n\nAdds islands.\n',
    },
    ...{ product: 'site', tag: '@stars/site@2.1.0', version: '2.1.0', at: 'packages/site/' },
    commits: ['feat(site): islands (#120)', '[ci] format'],
  },
  {
    after: 'emotion-js/emotion',
    tool: 'changesets',
    files: {
      'package.json': root({}),
      'packages/react/package.json': { name: '@mood/react', version: '11.13.0' },
      '.changeset/config.json': {
        access: 'public',
        baseBranch: 'main',
        changelog: '@changesets/cli/changelog',
      },
      '.changeset/new-cats-nap.md': '---\n"@mood/react": minor\n---\n\nTakes a nonce.\n',
    },
    ...{ product: 'react', tag: '@mood/react@11.13.0', version: '11.13.0', at: 'packages/react/' },
    commits: ['Take a nonce for the style element (#3240)'],
  },
  {
    after: 'conventional-changelog/standard-version',
    tool: 'commit-and-tag-version',
    files: {
      'package.json': {
        name: 'form-kit',
        version: '2.1.0',
        devDependencies: { 'standard-version': '^9.5.0' },
      },
      '.versionrc': { tagPrefix: 'v', infile: 'CHANGELOG.md' },
    },
    ...{ product: 'form-kit', tag: 'v2.1.0', version: '2.1.0' },
    commits: ['fix: forget the old value', 'feat(date): weeks begin on Monday'],
  },
  {
    after: 'angular-ru/angular-ru-sdk',
    tool: 'commit-and-tag-version',
    files: {
      'package.json': { name: 'ng-kit', version: '0.3.1', 'commit-and-tag-version': { tagPrefix: 'v' } },
    },
    ...{ product: 'ng-kit', tag: 'v0.3.1', version: '0.3.1' },
    commits: ['feat: a table that scrolls'],
  },
  {
    after: 'gatsbyjs/gatsby',
    tool: 'lerna',
    files: {
      'package.json': root({}),
      'packages/image/package.json': { name: 'fast-image', version: '3.1.0' },
      'packages/link/package.json': { name: 'fast-link', version: '5.0.0' },
      'lerna.json': {
        ...{ version: 'independent', packages: ['packages/*'] },
        command: { version: { conventionalCommits: true } },
      },
    },
    ...{ product: 'fast-image', tag: 'fast-image@3.1.0', version: '3.1.0', at: 'packages/image/' },
    commits: ['fix(image): no flash while it loads'],
  },
  {
    after: 'jestjs/jest',
    tool: 'lerna',
    files: {
      'package.json': root({}),
      'packages/core/package.json': { name: 'core', version: '29.7.0' },
      'lerna.json': {
        version: '29.7.0',
        packages: ['packages/*'],
        command: { publish: { npmClient: 'npm' } },
      },
    },
    ...{ product: 'root', tag: 'v29.7.0', version: '29.7.0' },
    commits: ['feat(core): run what changed first (#14001)'],
  },
  {
    after: 'cli/cli',
    tool: 'GoReleaser',
    files: {
      '.goreleaser.yml':
        'project_name: hub\nbuilds: [{ id: linux, goos: [linux] }]\nrelease: { prerelease: auto }\n',
      'go.mod': 'module example.test/hub\n',
    },
    ...{ product: 'hub', tag: 'v2.40.0', version: '2.40.0' },
    commits: ['Merge pull request #9000 from acme/trunk', 'fix: exit with 4 without a login'],
  },
  {
    after: 'caddyserver/caddy',
    tool: 'GoReleaser',
    files: {
      '.goreleaser.yml':
        'project_name: quay\nversion: 2\nbefore: { hooks: [go mod tidy] }\nbuilds: [{ main: ./cmd }]\n',
      'go.mod': 'module example.test/quay\n',
    },
    ...{ product: 'quay', tag: 'v2.8.0', version: '2.8.0' },
    commits: ['caddyhttp: Add a matcher for protocols (#6200)', 'go.mod: Upgrade quic'],
  },
];
