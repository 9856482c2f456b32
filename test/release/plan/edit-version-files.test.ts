/** Version files of a whole tree, in every format that needs no pattern: what moves, what stays, and what is said. */
import { describe, expect, it } from 'vitest';
import {
  type ConfiguredFile,
  editVersionFiles,
} from '../../../src/release/plan/version-files/edit-version-files.ts';
import type { FileSource } from '../../../src/release/plan/version-files/file-source.ts';

/** A tree in memory. */
function treeOf(files: Record<string, string>): FileSource {
  return {
    read: async (path) => files[path] ?? null,
    list: async (folder) => {
      const inside = Object.keys(files).flatMap((path) =>
        folder === '' ? [path] : path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
      );
      return [...new Set(inside.map((path) => path.split('/')[0] ?? ''))];
    },
  };
}

interface Question {
  version?: string;
  previous?: string | null;
  folder?: string;
  files?: ConfiguredFile[] | null;
}

async function edit(tree: Record<string, string>, question: Question = {}) {
  const { version = '1.1.0', previous = '1.0.0', folder = '', files = null } = question;
  const result = await editVersionFiles({ source: treeOf(tree), folder, files, version, previous });
  const after = { ...tree, ...Object.fromEntries(result.edits.map(({ path, text }) => [path, text])) };
  // What is edited once is left alone the second time.
  if (result.problems.length === 0) {
    const again = await editVersionFiles({ source: treeOf(after), folder, files, version, previous });
    expect(again.edits).toEqual([]);
  }
  return { ...result, after, changed: result.edits.map(({ path }) => path) };
}

describe('A version file that nobody named changes in nothing but its version:', () => {
  it.each<[string, string]>([
    ['package.json', '{\n\t"name": "a",\n\t"version": "1.0.0"\n}'],
    [
      'pyproject.toml',
      '[project]\r\nname = "a"\r\nversion = "1.0.0" # here\r\n\r\n[tool.x]\r\nversion = "9.9.9"\r\n',
    ],
    [
      'pyproject.toml',
      '[project]\nversion = "1.0.0"\n[tool.commitizen]\nversion = "1.0.0"\n[tool.poetry]\nversion = "1.0.0"\n',
    ],
    [
      'Chart.yaml',
      'apiVersion: v2\nname: shop\nversion: 1.0.0 # chart\nappVersion: "1.0.0"\ndependencies:\n  - name: db\n    version: 9.9.9\n',
    ],
    ['Chart.yaml', "version: '1.0.0'\nappVersion: v1.0.0\n"],
    ['gradle.properties', 'kotlin_version=9.9.9\nversion=1.0.0\nlib.version=9.9.9\n'],
    ['gradle.properties', 'GROUP=a\nVERSION_NAME = 1.0.0\n'],
    [
      'App.csproj',
      '<Project Sdk="x">\r\n  <PropertyGroup>\r\n    <Version>1.0.0</Version>\r\n    <FileVersion>1.0.0.0</FileVersion>\r\n  </PropertyGroup>\r\n  <ItemGroup><PackageReference Include="D"><Version>9.9.9</Version></PackageReference></ItemGroup>\r\n</Project>\r\n',
    ],
    [
      'Directory.Build.props',
      '<Project><PropertyGroup Condition="x"><VersionPrefix>1.0.0</VersionPrefix></PropertyGroup></Project>',
    ],
    ['composer.json', '{\n  "version": "1.0.0",\n  "repositories": [{"package": {"version": "9.9.9"}}]\n}\n'],
    ['lerna.json', '{ "packages": ["a"], "version": "1.0.0" }\n'],
    ['VERSION', 'v1.0.0\r\n'],
    ['version.txt', '1.0.0'],
    [
      'mix.exs',
      'defmodule A.MixProject do\n  @version "1.0.0"\n  def project do\n    [app: :a, version: @version, elixir: "~> 9.9"]\n  end\nend\n',
    ],
    [
      'mix.exs',
      'defmodule A.MixProject do\n  def project do\n    [\n      app: :a,\n      version: "1.0.0",\n      elixir: "~> 9.9"\n    ]\n  end\n  defp deps, do: [{:b, "~> 9.9.9"}]\nend\n',
    ],
    ['pubspec.yaml', 'name: a\nversion: 1.0.0\nenvironment:\n  sdk: ^9.9.9\n'],
    ['Cargo.toml', '[package]\nname = "a"\nversion = "1.0.0"\n[dependencies]\nb = "9.9.9"\n'],
    ['pom.xml', '<project><parent><version>9.9.9</version></parent><version>1.0.0</version></project>'],
  ])('%s (case %#)', async (path, text) => {
    const { after, said, problems } = await edit({ [path]: text });
    expect(after[path]).toBe(text.replaceAll('1.0.0', '1.1.0'));
    expect(problems).toEqual([]);
    // Strangers' versions beside the product's own are told of, where they could be meant.
    expect(said.every((sentence) => sentence.includes('9.9.9'))).toBe(true);
  });

  it('in the notation of its own world', async () => {
    const rc = { version: '1.1.0-rc.1' };
    expect(
      (await edit({ 'pyproject.toml': '[project]\nversion = "1.0.0"\n' }, rc)).after['pyproject.toml'],
    ).toContain('"1.1.0rc1"');
    const back = await edit(
      { 'pyproject.toml': '[project]\nversion = "1.1.0rc1"\n' },
      { version: '1.1.0', previous: '1.1.0-rc.1' },
    );
    expect([back.after['pyproject.toml'], back.said]).toEqual(['[project]\nversion = "1.1.0"\n', []]);
    const built = await edit({ 'pubspec.yaml': 'version: 1.0.0+45\n' });
    expect(built.after['pubspec.yaml']).toBe('version: 1.1.0+46\n');
    const four =
      '<Project><PropertyGroup><Version>1.0.0</Version><AssemblyVersion>1.0.0.0</AssemblyVersion></PropertyGroup></Project>';
    expect((await edit({ 'a.csproj': four }, rc)).after['a.csproj']).toContain(
      '<Version>1.1.0-rc.1</Version><AssemblyVersion>1.1.0.0</AssemblyVersion>',
    );
  });
});

describe('Lock files and modules move with their manifest:', () => {
  const lock = (version: string) =>
    `{\n  "name": "x",\n  "version": "${version}",\n  "lockfileVersion": 3,\n  "packages": {\n    "": { "name": "x", "version": "${version}" },\n    "node_modules/y": { "version": "1.0.0" }\n  }\n}\n`;

  it('package-lock.json and npm-shrinkwrap.json, also when they lag behind', async () => {
    const { after } = await edit(
      {
        'package.json': '{"name":"x","version":"1.0.0"}',
        'package-lock.json': lock('1.0.0'),
        'npm-shrinkwrap.json': lock('0.9.0'),
      },
      { files: [{ path: 'package.json' }] },
    );
    expect(after['package-lock.json']).toBe(lock('1.1.0'));
    expect(after['npm-shrinkwrap.json']).toBe(lock('1.1.0'));
  });

  it("the entry of a member in its workspace's lock file", async () => {
    const root =
      '{"name":"root","version":"9.0.0","packages":{"":{"version":"9.0.0"},"packages/shop":{"version":"1.0.0"},"packages/admin":{"version":"1.0.0"}}}';
    const bun =
      '{\n  "workspaces": {\n    "": { "name": "root", },\n    "packages/shop": { "version": "1.0.0", },\n  },\n}\n';
    const tree = {
      'packages/shop/package.json': '{"version":"1.0.0"}',
      'package.json': '{"version":"9.0.0"}',
    };
    const npm = await edit({ ...tree, 'package-lock.json': root }, { folder: 'packages/shop' });
    expect(npm.after['package-lock.json']).toBe(
      root.replace('shop":{"version":"1.0.0"', 'shop":{"version":"1.1.0"'),
    );
    expect(npm.changed).not.toContain('package.json');
    expect((await edit({ ...tree, 'bun.lock': bun }, { folder: 'packages/shop' })).after['bun.lock']).toBe(
      bun.replace('1.0.0', '1.1.0'),
    );
  });

  it('Cargo.lock, with members that inherit, requirements on them, and nobody else', async () => {
    const { after, changed } = await edit({
      'Cargo.toml':
        '[workspace]\nmembers = [\n  "crates/*", # all\n]\nexclude = ["crates/old"]\n\n[workspace.package]\nversion = "1.0.0"\n\n[workspace.dependencies]\na = { path = "crates/a", version = "1.0.0" }\nserde = { version = "1.0.0" }\n',
      'crates/a/Cargo.toml': '[package]\nname = "a"\nversion.workspace = true\n',
      'crates/b/Cargo.toml':
        '[package]\nname = "b"\nversion = { workspace = true }\n[dependencies]\na = { version = "=1.0.0", path = "../a" }\n',
      'crates/own/Cargo.toml': '[package]\nname = "own"\nversion = "1.0.0"\n',
      'crates/old/Cargo.toml': '[package]\nname = "old"\nversion.workspace = true\n',
      'Cargo.lock': ['a', 'b', 'old', 'own']
        .map((name) => `[[package]]\nname = "${name}"\nversion = "1.0.0"\n`)
        .join('\n'),
    });
    expect(changed.sort()).toEqual(['Cargo.lock', 'Cargo.toml', 'crates/b/Cargo.toml']);
    expect(after['Cargo.toml']).toContain(
      'a = { path = "crates/a", version = "1.1.0" }\nserde = { version = "1.0.0" }',
    );
    expect(after['crates/b/Cargo.toml']).toContain('version = "=1.1.0"');
    expect(after['Cargo.lock']?.match(/name = "(\w+)"\nversion = "1\.1\.0"/g)).toHaveLength(2);
  });

  it('Cargo.lock of a package whose other keys hold brackets', async () => {
    const { after } = await edit({
      'Cargo.toml': '[package]\nkeywords = ["a"]\nname = "solo"\nversion = "1.0.0"\n',
      'Cargo.lock': 'version = 3\n\n[[package]]\nname = "solo"\nversion = "1.0.0"\n',
    });
    expect(after['Cargo.lock']).toContain('name = "solo"\nversion = "1.1.0"');
  });

  it('uv.lock, by the name as Python compares names', async () => {
    const text =
      '[[package]]\nname = "my-lib"\nversion = "1.0.0"\nsource = { editable = "." }\n\n[[package]]\nname = "other"\nversion = "1.0.0"\nsource = { registry = "x" }\n';
    const { after } = await edit({
      'pyproject.toml': '[project]\nname = "My_Lib"\nversion = "1.0.0"\n',
      'uv.lock': text,
    });
    expect(after['uv.lock']).toBe(text.replace('1.0.0', '1.1.0'));
  });

  it("Maven's modules: parents, own versions and each other, deep down", async () => {
    const child = (name: string, more = '') =>
      `<project>\n  <parent><groupId>t</groupId><artifactId>p</artifactId><version>1.0.0</version></parent>\n  <artifactId>${name}</artifactId>${more}\n</project>\n`;
    const dependency = (name: string, version: string) =>
      `<dependencies><dependency><artifactId>${name}</artifactId><version>${version}</version></dependency></dependencies>`;
    const { after, problems } = await edit({
      'pom.xml':
        '<project><artifactId>p</artifactId><version>1.0.0</version><modules><module>a</module><module>b</module></modules></project>',
      'a/pom.xml': child('a', '<modules><module>deep</module></modules>'),
      'a/deep/pom.xml': child('deep', dependency('a', '1.0.0')),
      'b/pom.xml': child('b', `<version>7.0.0</version>${dependency('stranger', '1.0.0')}`),
    });
    expect(problems).toEqual([]);
    expect(after['a/pom.xml']).toBe(
      child('a', '<modules><module>deep</module></modules>').replace('1.0.0', '1.1.0'),
    );
    expect(after['a/deep/pom.xml']).toBe(child('deep', dependency('a', '1.1.0')).replace('1.0.0', '1.1.0'));
    expect(after['b/pom.xml']).toContain('<version>7.0.0</version>');
    expect(after['b/pom.xml']).toContain('stranger</artifactId><version>1.0.0');
  });

  it('a module that only states its parent, where the configuration names it', async () => {
    const tree = {
      'pom.xml': '<project><version>1.0.0</version></project>',
      'child/pom.xml': '<project><parent><version>1.0.0</version></parent></project>',
    };
    const named = await edit(tree, { files: [{ path: 'pom.xml' }, { path: 'child/pom.xml' }] });
    expect(named.after['child/pom.xml']).toContain('1.1.0');
    const foreign = await edit(
      { 'pom.xml': '<project><parent><version>3.2.0</version></parent></project>' },
      { files: [{ path: 'pom.xml' }] },
    );
    expect(foreign.problems.join()).toContain("project's own <version>");
  });

  it('the property of a CI-friendly version, which stays as it is written', async () => {
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Maven's own notation
    const text =
      '<project><version>${revision}${changelist}</version><properties><revision>1.0.0</revision><changelist>-SNAPSHOT</changelist></properties></project>';
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Maven's own notation
    expect((await edit({ 'pom.xml': text })).after['pom.xml']).toBe(text.replace('1.0.0', '1.1.0'));
  });
});

describe('A version that a person set', () => {
  it.each([
    ['before any release', null, '0.1.0', '3.4.5'],
    ['by hand, and did not tag', '1.9.0', '1.9.1', '2.0.0'],
    ['by hand, as a pre-release', '1.9.0', '1.9.1', '2.0.0-rc.1'],
  ])('%s, is never lowered', async (_when, previous, version, stated) => {
    const { problems, edits } = await edit(
      { 'package.json': `{"version":"${stated}"}` },
      { previous, version },
    );
    expect(edits).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(
      `package.json states ${stated}, which is higher than the planned ${version}`,
    );
    expect(problems[0]).toContain('--version');
  });

  it('is not moved without a word', async () => {
    const { said, after } = await edit({ 'package.json': '{"version":"1.0.5"}', VERSION: '1.0.0' });
    expect(said).toEqual(['package.json stated 1.0.5, and not the last release 1.0.0; it states 1.1.0 now.']);
    expect(after['package.json']).toBe('{"version":"1.1.0"}');
  });

  it('for development, or as a placeholder, is what a release is for', async () => {
    for (const stated of ['1.1.0-SNAPSHOT', '1.2.0-SNAPSHOT', '0.0.0-development']) {
      const { problems, after } = await edit({ 'package.json': `{"version":"${stated}"}` });
      expect([problems, after['package.json']]).toEqual([[], '{"version":"1.1.0"}']);
    }
  });

  it('beside the product’s own stays, with a word', async () => {
    const { said, after } = await edit({ 'Chart.yaml': 'version: 0.3.1\nappVersion: 1.0.0\n' });
    expect(after['Chart.yaml']).toBe('version: 0.3.1\nappVersion: 1.1.0\n');
    expect(said).toEqual(["Chart.yaml: version stays at 0.3.1, which is not the product's last version."]);
  });
});

describe('A pattern', () => {
  const by = (path: string, pattern: string, text: string, question: Question = {}) =>
    edit({ [path]: text }, { files: [{ path, pattern }], ...question });

  it.each([
    ['gradle.properties', 'version={version}', 'kotlin_version=1.9.0\nversion=1.0.0\nlib.version=3.0.0\n'],
    ['Chart.yaml', 'version: {version}', 'version: 1.0.0\ndependencies:\n  - version: 12.1.9\n'],
    ['App.csproj', '<Version>{version}</Version>', '<Version>1.0.0</Version>\n<Version>13.0.1</Version>\n'],
    ['composer.json', '"version": "{version}"', '{"version": "1.0.0", "x": {"version": "3.2.1"}}'],
  ])('touches only the product’s own version: %s', async (path, pattern, text) => {
    const { after, said } = await by(path, pattern, text);
    expect(after[path]).toBe(text.replace('1.0.0', '1.1.0'));
    expect(said.length).toBeGreaterThan(0);
    expect(said[0]).toMatch(/: line \d stays at /);
  });

  it('moves every place that states it', async () => {
    const text = 'image: shop:1.0.0\nimage: shop:1.0.0\nimage: shop:0.1.0\n';
    expect((await by('a.yaml', 'shop:{version}', text)).after['a.yaml']).toBe(
      'image: shop:1.1.0\nimage: shop:1.1.0\nimage: shop:0.1.0\n',
    );
  });

  it('is refused where its places disagree and none is the last release', async () => {
    const { problems, edits } = await by('a.txt', 'v{version}', 'v3.0.0 v4.0.0', { version: '5.0.0' });
    expect(edits).toEqual([]);
    expect(problems[0]).toContain('finds 3.0.0 and 4.0.0, and none is the last release 1.0.0');
  });
});

it('Everything that is wrong is told at once, and then nothing is changed', async () => {
  const { problems, edits } = await edit(
    { 'package.json': '{"version":"1.0.0"}', 'a.json': '{' },
    { files: [{ path: 'package.json' }, { path: 'gone.json' }, { path: 'a.json' }, { path: '/VERSION' }] },
  );
  expect(edits).toEqual([]);
  expect(problems).toHaveLength(3);
});

it('A file of the top of the repository is named with a slash', async () => {
  const { after } = await edit(
    { 'packages/shop/package.json': '{"version":"1.0.0"}', VERSION: '1.0.0\n' },
    { folder: 'packages/shop', files: [{ path: 'package.json' }, { path: '/VERSION' }] },
  );
  expect([after['VERSION'], after['packages/shop/package.json']]).toEqual(['1.1.0\n', '{"version":"1.1.0"}']);
});
