/** Windlass releases Windlass: its own history, plan, build and workflow, with an origin and a registry of this machine. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { findFreePort } from '../../../src/temporal/free-port.ts';
import { PEOPLE, releaseByProgram, startDev } from '../../support/fixture/release-by-program.ts';
import { programPath } from '../../support/program.ts';
import type { Verdaccio } from '../../support/server/verdaccio.ts';
import { copyWorkTree } from './copy-work-tree.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LIMIT_MS = 15 * 60_000;

export interface Rehearsal {
  version: string;
  /** Bare repository with the release's commit, tag and changelog. */
  origin: string;
  /** The file that was published, fetched back. */
  tarball: string;
  /** Subresource integrity, as the registry tells it. */
  integrity: string;
}

export interface RehearsalOptions {
  /** An empty folder, outside of any repository. */
  root: string;
  /** Where it is published; knows the rest of npm through its uplink. */
  registry: Verdaccio;
  environment: NodeJS.ProcessEnv;
  onProgress?: (sentence: string) => void;
}

/**
 * Releases the next version of this checkout, as it lies there, by its own workflow.
 * @throws with everything that was said, where it does not end as released
 */
export async function rehearseRelease(options: RehearsalOptions): Promise<Rehearsal> {
  const { root, registry, environment } = options;
  const origin = join(root, 'origin.git');
  copyWorkTree(ROOT, origin);
  const folder = join(root, 'installation');
  await mkdir(folder);
  await writeFile(join(folder, 'npm-token'), await registry.addUser('windlass-releaser'), { mode: 0o600 });
  await writeFile(join(folder, 'windlass.yaml'), stringify(await describeInstallation(options, origin)));
  const home = { HOME: environment['HOME'], XDG_CACHE_HOME: environment['XDG_CACHE_HOME'] };
  const temporal = { TEMPORAL_CLI_PATH: environment['TEMPORAL_CLI_PATH'] };
  const place = { folder, environment: { PATH: programPath(), ...home, ...temporal } };
  const dev = await startDev(place);
  try {
    const { onProgress } = options;
    const how = { dev, limitMs: LIMIT_MS, ...(onProgress === undefined ? {} : { onProgress }) };
    const record = await releaseByProgram(place, 'windlass', how);
    const version = record.plan?.version ?? '';
    return { version, origin, ...(await fetchPublished(registry, version, root)) };
  } finally {
    await dev.stop();
  }
}

/** What is committed of how Windlass is released, with this machine's addresses in it. */
async function describeInstallation(
  { registry, environment }: RehearsalOptions,
  origin: string,
): Promise<object> {
  const product = parse(await readFile(join(ROOT, 'release', 'product.yaml'), 'utf8'));
  const trusted = environment['NODE_EXTRA_CA_CERTS'];
  return {
    version: 1,
    api: { listen: `127.0.0.1:${await findFreePort()}` },
    secrets: { npm_token: { file: 'npm-token', roles: ['release'] } },
    people: PEOPLE,
    products: {
      windlass: {
        ...product,
        repository: origin,
        registries: { npm: { ...product.registries.npm, url: registry.url } },
        // Scripts get nothing of a worker's own environment.
        variables: {
          npm_config_registry: execFileSync('npm', ['config', 'get', 'registry'], {
            encoding: 'utf8',
          }).trim(),
          npm_config_cache: execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim(),
          npm_config_prefer_offline: 'true',
          ...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }),
        },
      },
    },
  };
}

/** Keeps no connection: programs that are waited for come next, and meanwhile nobody would see the registry close it. */
const ONCE = { headers: { connection: 'close' } };

async function fetchPublished(registry: Verdaccio, version: string, root: string) {
  const answer = await fetch(`${registry.url}windlass/${version}`, ONCE);
  const { dist } = (await answer.json()) as { dist: { tarball: string; integrity: string } };
  const tarball = join(root, `windlass-${version}.tgz`);
  await writeFile(tarball, Buffer.from(await (await fetch(dist.tarball, ONCE)).arrayBuffer()));
  return { tarball, integrity: dist.integrity };
}
