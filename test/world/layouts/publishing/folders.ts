import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { readManifestDigest } from '../../../../src/providers/registry/oci/manifest.ts';
import { openRepository } from '../../../../src/providers/registry/oci/registry.ts';
import { writeImageLayout } from '../../../support/fixture/oci-layout.ts';
import { helm } from '../../../support/helm.ts';
import type { Files } from '../../../support/work-tree.ts';
import type { Publishing } from './registries.ts';

const FEED = readFileSync(fileURLToPath(new URL('./feed', import.meta.url)), 'utf8');

interface Feed {
  kind: 'crates' | 'helm' | 'nuget' | 'hex';
  /** For each entry of `registries` the package's name, and the file that the build leaves (`V` is the version). */
  packages: Record<string, { name: string; file: string }>;
  /** Commands that leave those files. */
  build: string[];
  /** The product's folder, with a slash behind it. */
  folder?: string;
  files?: Files;
  check(folder: string): void;
}

/** Packages in a folder, as the client of their ecosystem reads one. */
function inFolder({ kind, packages, build, folder = '', files = {}, check }: Feed): Publishing {
  const entries = Object.entries(packages);
  const version = (text: string) => text.replaceAll('V', '$WINDLASS_VERSION');
  const made = {
    packages: Object.fromEntries(entries.map(([name, { file }]) => [name, [version(file)]])),
    artifact: version(entries[0]?.[1].file ?? ''),
  };
  const script = [
    ...['set -eu', ...build.map(version), 'cat > "$WINDLASS_OUTPUT" <<END', JSON.stringify(made), 'END'],
  ].join('\n');
  return {
    files: { ...files, [`${folder}ops/feed`]: FEED },
    product: (at) => ({
      variables: { HELM: helm ?? 'helm' },
      scripts: { test: { run: 'true' }, build: { run: script, shell: true } },
      registries: Object.fromEntries(
        entries.map(([entry, { name }]) => [
          entry,
          {
            ...{ kind: 'script', run: 'ops/feed', package: name },
            variables: { FEED: at.folder(kind), KIND: kind, HELM: helm ?? 'helm' },
          },
        ]),
      ),
    }),
    check: async (at) => check(at.folder(kind)),
  };
}

const crate = (name: string, folder: string) => [
  `mkdir -p out/${name}-V/src`,
  `printf '[package]\\nname = "${name}"\\nversion = "%s"\\nedition = "2021"\\n' "V" > out/${name}-V/Cargo.toml`,
  `cp -r crates/${folder}/. out/${name}-V/src/ && : > out/${name}-V/src/lib.rs`,
  `tar czf ${name}-V.crate -C out ${name}-V`,
];

/** Two crates in a local registry; cargo, where it is here, takes them from there. */
export function asCrates(version: string): Publishing {
  return inFolder({
    kind: 'crates',
    packages: {
      core: { name: 'ripdeps-core', file: 'ripdeps-core-V.crate' },
      cli: { name: 'ripdeps', file: 'ripdeps-V.crate' },
    },
    build: [...crate('ripdeps-core', 'core'), ...crate('ripdeps', 'cli')],
    check: (feed) => {
      const [line] = readFileSync(join(feed, 'index/ri/pd/ripdeps-core'), 'utf8').split('\n');
      expect(JSON.parse(line ?? '')).toMatchObject({ vers: version, yanked: false });
      const user = join(feed, 'user');
      execFileSync('mkdir', ['-p', join(user, 'src'), join(user, '.cargo')]);
      writeFileSync(join(user, 'src/lib.rs'), '');
      const wanted =
        '[package]\nname = "user"\nversion = "0.0.0"\n\n[dependencies]\nripdeps = "*"\nripdeps-core = "*"\n';
      writeFileSync(join(user, 'Cargo.toml'), wanted);
      const source = `[source.crates-io]\nreplace-with = "feed"\n\n[source.feed]\nlocal-registry = "${feed}"\n`;
      writeFileSync(join(user, '.cargo/config.toml'), source);
      const env = { ...process.env, CARGO_HOME: join(feed, 'cargo-home') };
      const cargo = spawnSync('cargo', ['fetch', '--offline'], { cwd: user, env, encoding: 'utf8' });
      if (cargo.error) return;
      expect(cargo.status, cargo.stderr).toBe(0);
      expect(readFileSync(join(user, 'Cargo.lock'), 'utf8')).toContain(
        `name = "ripdeps"\nversion = "${version}"`,
      );
    },
  });
}

/** A chart in a repository that helm itself indexes; what it depends on lies in it. */
export function asChart(version: string): Publishing {
  const shop = 'charts/shop/';
  return inFolder({
    kind: 'helm',
    packages: { charts: { name: 'shop', file: 'shop-V.tgz' } },
    build: ['"$HELM" package .'],
    folder: shop,
    files: {
      [`${shop}.helmignore`]: 'ops/\n*.tgz\n',
      [`${shop}charts/postgresql/Chart.yaml`]: 'apiVersion: v2\nname: postgresql\nversion: 3.1.0\n',
    },
    check: (feed) => {
      const index = readFileSync(join(feed, 'index.yaml'), 'utf8');
      expect(index).toMatch(new RegExp(`name: shop[\\s\\S]*version: ${version.replaceAll('.', '\\.')}`));
      const shown = execFileSync(helm ?? 'helm', ['show', 'values', join(feed, `shop-${version}.tgz`)]);
      expect(shown.toString()).toContain('replicas: 3');
    },
  });
}

/** A package for .NET in a folder of them. */
export function asNuget(version: string): Publishing {
  return inFolder({
    kind: 'nuget',
    packages: { nuget: { name: 'Lib', file: 'Lib.V.nupkg' } },
    build: ['python3 -m zipfile -c Lib.V.nupkg src/Lib/Lib.csproj Directory.Build.props'],
    check: (feed) => {
      const packed = execFileSync('python3', ['-m', 'zipfile', '-l', join(feed, `Lib.${version}.nupkg`)]);
      expect(packed.toString()).toContain('Directory.Build.props');
    },
  });
}

/** A package of Elixir's. */
export function asHex(version: string): Publishing {
  return inFolder({
    kind: 'hex',
    packages: { hex: { name: 'plugs', file: 'plugs-V.tar' } },
    build: ['tar cf plugs-V.tar mix.exs'],
    check: (feed) => {
      const mix = execFileSync('tar', ['xOf', join(feed, `plugs-${version}.tar`), 'mix.exs']);
      expect(mix.toString()).toContain(`@version "${version}"`);
    },
  });
}

const LIVE = {
  deploy: 'echo "$WINDLASS_VERSION $WINDLASS_IMAGE" > "$LIVE"',
  status: `printf '{"version":"%s"}' "$(cut -d' ' -f1 "$LIVE" 2>/dev/null)" > "$WINDLASS_OUTPUT"`,
  verify: 'grep -q "^$WINDLASS_VERSION " "$LIVE"',
  smoke: 'grep -q "^$WINDLASS_VERSION " "$LIVE"',
  rollback: 'echo "$WINDLASS_VERSION $WINDLASS_IMAGE" > "$LIVE"',
};

/** An image with its moving tags, which production then runs. */
export function asImage(version: string): Publishing {
  let digest = '';
  const [major, minor] = version.split('.');
  return {
    prepare: async (at) => {
      const folder = join(at.folder('images'), version);
      ({ digest } = await writeImageLayout(folder, { layers: [randomBytes(2_000)] }));
    },
    product: (at) => ({
      variables: { IMAGES: at.folder('images') },
      release: { deployment_strategy: 'rolling' },
      scripts: {
        test: { run: 'true' },
        build: {
          run: 'cp -r "$IMAGES/$WINDLASS_VERSION" image && echo \'{"image_layout":"image"}\' > "$WINDLASS_OUTPUT"',
          shell: true,
        },
      },
      registries: {
        docker: {
          repository: `${at.images.host}/platform/gateway`,
          insecure: true,
          moving_tags: ['latest', '{major}', '{major}.{minor}'],
        },
      },
      environments: {
        production: {
          url: 'https://gateway.example',
          instances: 1,
          scripts: Object.fromEntries(
            Object.entries(LIVE).map(([name, run]) => [name, { run, shell: true }]),
          ),
          variables: { LIVE: join(at.folder('live'), 'gateway') },
        },
      },
    }),
    check: async (at) => {
      const repository = openRepository({ repository: `${at.images.host}/platform/gateway`, insecure: true });
      for (const tag of ['latest', `${major}`, `${major}.${minor}`, version])
        expect(await readManifestDigest(repository, tag), tag).toBe(digest);
      const live = readFileSync(join(at.folder('live'), 'gateway'), 'utf8');
      expect(live).toBe(`${version} ${at.images.host}/platform/gateway@${digest}\n`);
    },
  };
}
