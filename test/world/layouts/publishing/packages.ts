import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { packPackage } from '../../../../src/providers/registry/npm/pack.ts';
import { publishTarball } from '../../../../src/providers/registry/npm/registry.ts';
import { PYTHON_TOOLS } from '../../../support/server/pypi.ts';
import type { Publishing, Registries } from './registries.ts';

/** What the registry tells of a package. */
interface Packument {
  'dist-tags': Record<string, string>;
  versions: Record<string, { dependencies?: Record<string, string> }>;
}

/** A program of `examples/registries`, as adopters copy it. */
const example = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../../examples/registries/${name}`, import.meta.url)), 'utf8');

/**
 * Packages on npm by Windlass's own packing.
 *
 * @param at for each name of a registry entry the package's folder below the product's
 * @param found for each package what the registry must tell of it afterwards
 */
export function onNpm(
  at: Record<string, string>,
  found: Record<string, (packument: Packument) => void>,
  before?: { name: string; version: string },
): Publishing {
  return {
    product: ({ npm }) => ({
      scripts: { test: { run: 'true' } },
      registries: Object.fromEntries(
        Object.entries(at).map(([name, path]) => [
          name,
          {
            ...{ kind: 'npm', url: npm.url, access: 'public', token: 'npm_token', path },
            allow_first_publish: before === undefined,
          },
        ]),
      ),
    }),
    ...(before === undefined ? {} : { prepare: (registries) => publishBefore(registries, before) }),
    check: async ({ npm }) => {
      for (const [name, look] of Object.entries(found)) {
        const packument = (await (await fetch(`${npm.url}${name}`)).json()) as Packument;
        look(packument);
      }
    },
  };
}

/** A version that its project published long ago. */
async function publishBefore({ npm, npmToken }: Registries, manifest: { name: string; version: string }) {
  const folder = await mkdtemp(join(tmpdir(), 'windlass-before-'));
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    const { file } = await packPackage({ folder, outFolder: folder });
    await publishTarball({ registry: npm.url, token: npmToken, file, tag: 'latest', access: 'public' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Modules in a Maven repository: for each entry of `registries` the artifact's name and the folder of its POM. */
export function onMaven(
  group: string,
  modules: Record<string, { artifact: string; pom?: string }>,
): Publishing {
  const entries = Object.entries(modules);
  const build = [
    'set -eu; mkdir out',
    ...entries.flatMap(([, { artifact, pom }]) => [
      `base=out/${artifact}-$WINDLASS_VERSION`,
      pom === undefined
        ? `printf '<project><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>%s</version></project>' "$WINDLASS_VERSION" > $base.pom`
        : `cp ${pom}pom.xml $base.pom`,
      `python3 -m zipfile -c $base.jar $base.pom`,
    ]),
    `cat > "$WINDLASS_OUTPUT" <<END`,
    JSON.stringify({
      packages: Object.fromEntries(
        entries.map(([name, { artifact }]) => [
          name,
          ['.pom', '.jar'].map((end) => `out/${artifact}-$WINDLASS_VERSION${end}`),
        ]),
      ),
      artifact: `out/${entries.at(-1)?.[1].artifact}-$WINDLASS_VERSION.jar`,
    }),
    'END',
  ].join('\n');
  return {
    files: { 'ops/maven': example('maven') },
    product: ({ maven }) => ({
      scripts: { test: { run: 'true' }, build: { run: build, shell: true } },
      registries: Object.fromEntries(
        entries.map(([name, { artifact }]) => [
          name,
          {
            ...{ kind: 'script', run: 'ops/maven', package: `${group}:${artifact}` },
            variables: { MAVEN_URL: maven.url, MAVEN_USERNAME: maven.login.username },
            secrets: { MAVEN_PASSWORD: 'maven_password' },
          },
        ]),
      ),
    }),
    check: async ({ maven }) => {
      for (const { artifact } of Object.values(modules)) {
        const folder = `${group.replaceAll('.', '/')}/${artifact}`;
        const version = /<release>(.+?)<\/release>/.exec(
          maven.read(`${folder}/maven-metadata.xml`) ?? '',
        )?.[1];
        const pom = maven.read(`${folder}/${version}/${artifact}-${version}.pom`);
        expect(pom, artifact).toContain(`<version>${version}</version>`);
        expect(maven.read(`${folder}/${version}/${artifact}-${version}.jar.sha1`), artifact).toMatch(
          /^\w{40}$/,
        );
      }
    },
  };
}

/** A wheel, by nothing but what the format asks for. */
const WHEEL = `#!/usr/bin/env python3
import json, os, zipfile
version = os.environ["WINDLASS_VERSION"]
name = f"cliapp-{version}-py3-none-any.whl"
info = f"cliapp-{version}.dist-info"
with zipfile.ZipFile(name, "w") as wheel:
    wheel.write("src/cliapp/__init__.py", "cliapp/__init__.py")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: cliapp\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: ops\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
json.dump({"packages": {"pypi": [name]}, "artifact": name}, open(os.environ["WINDLASS_OUTPUT"], "w"))
`;

/** A wheel on an index, which pip installs from there. */
export function onPypi(version: string): Publishing {
  return {
    files: { 'ops/build': WHEEL, 'ops/pypi': example('pypi') },
    product: ({ python }) => ({
      scripts: { test: { run: 'true' }, build: 'ops/build' },
      registries: {
        pypi: {
          ...{ kind: 'script', run: 'ops/pypi', package: 'cliapp' },
          variables: {
            ...{ PYPI_URL: `${python.url}simple/`, PYPI_UPLOAD_URL: python.url },
            ...{ TWINE_USERNAME: 'x', TWINE_PASSWORD: 'x' },
          },
        },
      },
    }),
    check: async ({ python, folder }) => {
      const target = folder('installed');
      const index = ['--isolated', '--no-cache-dir', '--index-url', `${python.url}simple/`];
      const args = ['install', '--quiet', '--disable-pip-version-check', ...index, '--target', target];
      execFileSync(join(PYTHON_TOOLS, 'pip'), [...args, 'cliapp'], { stdio: 'pipe' });
      expect(readFileSync(join(target, 'cliapp', '__init__.py'), 'utf8')).toContain(`"${version}"`);
    },
  };
}
