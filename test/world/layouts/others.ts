import type { Layout } from './layout.ts';
import { asHex, asNuget } from './publishing/folders.ts';
import { onMaven, onPypi } from './publishing/packages.ts';

const pom = (artifact: string, parent: boolean) =>
  parent
    ? `<project>\n  <parent>\n    <groupId>org.acme</groupId>\n    <artifactId>acme-parent</artifactId>\n    <version>2.4.0</version>\n  </parent>\n  <artifactId>${artifact}</artifactId>\n  <dependencies>\n    <dependency>\n      <groupId>org.other</groupId>\n      <artifactId>other</artifactId>\n      <version>2.4.0</version>\n    </dependency>\n  </dependencies>\n</project>\n`
    : `<project>\n  <groupId>org.acme</groupId>\n  <artifactId>${artifact}</artifactId>\n  <version>2.4.0</version>\n  <packaging>pom</packaging>\n  <modules>\n    <module>core</module>\n    <module>web</module>\n  </modules>\n</project>\n`;

const maven: Layout = {
  name: 'Maven project of several modules',
  product: { tag_format: 'acme-{version}' },
  history: [
    [
      'Initial import',
      {
        'pom.xml': pom('acme-parent', false),
        'core/pom.xml': pom('acme-core', true),
        'web/pom.xml': pom('acme-web', true),
      },
    ],
    ['[maven-release-plugin] prepare release acme-2.4.0', {}, 'acme-2.4.0'],
    ['feat(web): answer HEAD requests', {}],
  ],
  expected: {
    version: '2.5.0',
    tag: 'acme-2.5.0',
    files: {
      'pom.xml': /<version>2\.5\.0<\/version>\n {2}<packaging>/,
      'core/pom.xml': /<version>2\.5\.0<\/version>\n {2}<\/parent>[\s\S]*<version>2\.4\.0<\/version>/,
      'web/pom.xml': /<version>2\.5\.0<\/version>\n {2}<\/parent>/,
    },
    changes: 'answer HEAD requests',
    not: 'maven-release-plugin',
  },
  publishing: onMaven('org.acme', {
    parent: { artifact: 'acme-parent', pom: './' },
    core: { artifact: 'acme-core', pom: 'core/' },
    web: { artifact: 'acme-web', pom: 'web/' },
  }),
};

const python: Layout = {
  name: 'Python package with uv and a constant',
  product: {
    tag_format: '{version}',
    version_files: [
      'pyproject.toml',
      { path: 'src/cliapp/__init__.py', pattern: '__version__ = "{version}"' },
    ],
    changelog: { file: 'CHANGES.md' },
  },
  history: [
    [
      'feat: begin',
      {
        'pyproject.toml':
          '[build-system]\nrequires = ["hatchling>=1.2.0"]\n\n[project]\nname = "cliapp"\nversion = "1.2.0"\ndependencies = ["click>=1.2.0"]\n',
        'uv.lock':
          'version = 1\n\n[[package]]\nname = "click"\nversion = "8.1.7"\n\n[[package]]\nname = "cliapp"\nversion = "1.2.0"\nsource = { editable = "." }\n',
        'src/cliapp/__init__.py': '"""An app."""\n__version__ = "1.2.0"\n',
        'CHANGES.md': '# Changes\n\n## 1.2.0 – 2026-01-01\n\n- Begin.\n',
      },
    ],
    ['Release 1.2.0', {}, '1.2.0'],
    ['fix: exit codes of subcommands', {}],
    ['docs: typos', {}],
  ],
  expected: {
    version: '1.2.1',
    tag: '1.2.1',
    files: {
      'pyproject.toml': /hatchling>=1\.2\.0[\s\S]*version = "1\.2\.1"\ndependencies = \["click>=1\.2\.0"\]/,
      'uv.lock': /name = "click"\nversion = "8\.1\.7"[\s\S]*name = "cliapp"\nversion = "1\.2\.1"/,
      'src/cliapp/__init__.py': /__version__ = "1\.2\.1"/,
    },
    changelog: 'CHANGES.md',
    changes: 'exit codes of subcommands',
  },
  publishing: onPypi('1.2.1'),
};

const dotnet: Layout = {
  name: '.NET solution with one version in Directory.Build.props',
  product: {},
  history: [
    [
      'feat: begin',
      {
        'Directory.Build.props':
          '\ufeff<Project>\r\n  <PropertyGroup>\r\n    <Version>5.0.1</Version>\r\n    <LangVersion>12.0</LangVersion>\r\n  </PropertyGroup>\r\n</Project>\r\n',
        'src/Lib/Lib.csproj':
          '<Project Sdk="Microsoft.NET.Sdk">\r\n  <ItemGroup>\r\n    <PackageReference Include="Other" Version="5.0.1" />\r\n  </ItemGroup>\r\n</Project>\r\n',
      },
      'v5.0.1',
    ],
    ['feat: async overloads', {}],
  ],
  expected: {
    version: '5.1.0',
    tag: 'v5.1.0',
    files: {
      'Directory.Build.props':
        '\ufeff<Project>\r\n  <PropertyGroup>\r\n    <Version>5.1.0</Version>\r\n    <LangVersion>12.0</LangVersion>\r\n  </PropertyGroup>\r\n</Project>\r\n',
      'src/Lib/Lib.csproj': /Include="Other" Version="5\.0\.1"/,
    },
    changes: 'async overloads',
  },
  publishing: asNuget('5.1.0'),
};

const gradle: Layout = {
  name: 'Gradle library that is between versions',
  product: {},
  history: [
    [
      'feat: begin',
      { 'gradle.properties': 'org.gradle.jvmargs=-Xmx2g\nversion=3.4.0\nkotlinVersion=2.0.0\n' },
      'v3.4.0',
    ],
    [
      'Prepare next development version',
      { 'gradle.properties': 'org.gradle.jvmargs=-Xmx2g\nversion=3.5.0-SNAPSHOT\nkotlinVersion=2.0.0\n' },
    ],
    ['feat: streaming parser', {}],
  ],
  expected: {
    version: '3.5.0',
    tag: 'v3.5.0',
    files: { 'gradle.properties': 'org.gradle.jvmargs=-Xmx2g\nversion=3.5.0\nkotlinVersion=2.0.0\n' },
    changes: 'streaming parser',
  },
  publishing: onMaven('org.acme', { maven: { artifact: 'parser' } }),
};

const composer: Layout = {
  name: 'PHP library that only tags',
  product: { tag_format: '{version}' },
  history: [
    [
      'feature #12 Begin',
      { 'composer.json': '{\n    "name": "acme/http",\n    "require": { "php": ">=8.2" }\n}\n' },
      '6.4.0',
    ],
    ['feat: retry safe requests', {}],
    ["Merge branch '5.4' into 6.4\n\n* 5.4:\n  fix: headers", {}],
  ],
  expected: {
    version: '6.5.0',
    tag: '6.5.0',
    files: { 'composer.json': '{\n    "name": "acme/http",\n    "require": { "php": ">=8.2" }\n}\n' },
    changes: 'retry safe requests',
  },
};

const dart: Layout = {
  name: 'Flutter app with a build number',
  product: {},
  history: [
    [
      'feat: begin',
      { 'pubspec.yaml': 'name: wallet\nversion: 2.0.3+41\nenvironment:\n  sdk: ^3.5.0\n' },
      'v2.0.3',
    ],
    ['fix: dark mode in settings', {}],
  ],
  expected: {
    version: '2.0.4',
    tag: 'v2.0.4',
    files: {
      'pubspec.yaml': /^name: wallet\nversion: 2\.0\.4(?:\+\d+)?\nenvironment:\n {2}sdk: \^3\.5\.0\n$/,
    },
    changes: 'dark mode in settings',
  },
};

const elixir: Layout = {
  name: 'Elixir library with a version attribute',
  product: {},
  history: [
    [
      'Initial commit',
      {
        'mix.exs':
          'defmodule Plugs.MixProject do\n  use Mix.Project\n\n  @version "1.7.14"\n\n  def project do\n    [app: :plugs, version: @version, elixir: "~> 1.14"]\n  end\nend\n',
      },
    ],
    ['Release v1.7.14', {}, 'v1.7.14'],
    ['feat: sessions in cookies', {}],
  ],
  expected: {
    version: '1.8.0',
    tag: 'v1.8.0',
    files: { 'mix.exs': /@version "1\.8\.0"[\s\S]*elixir: "~> 1\.14"/ },
    changes: 'sessions in cookies',
  },
  publishing: asHex('1.8.0'),
};

export const OTHERS = [maven, python, dotnet, gradle, composer, dart, elixir];
