import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { fetchTarball, readPackage } from '../providers/registry/npm/registry.ts';
import type { World } from './start-world.ts';

const run = promisify(execFile);

export interface Finding {
  what: string;
  /** What was read from the world itself. */
  found: string;
  holds: boolean;
}

const PACKAGE = '@windlass-example/shop';

/**
 * Reads from the world what a finished release should have left there: the origin, the registry, production, the
 * state files. Deliberately knows nothing of the release's own record.
 */
export async function checkReleased(world: World, version: string): Promise<Finding[]> {
  const { fixture } = world;
  const registry = `http://127.0.0.1:${fixture.ports.npm}/`;
  const tag = await readOrigin(world, `refs/tags/v${version}`);
  const tagged = await readOrigin(world, `refs/tags/v${version}^{}`);
  const { distTags, versions } = await readPackage({ registry, name: PACKAGE });
  const branch = await readOrigin(world, `refs/heads/release/${fixture.product}/v${version}`);
  const tarball = versions.includes(version)
    ? await fetchTarball({ registry, name: PACKAGE, version })
    : undefined;
  const production = await askVersion(fixture.ports.production);
  const state = parse(await showFile(world, 'state.yml'))?.products?.[fixture.product];
  const status = (parse(await showFile(world, 'release-status.yaml'))?.releases ?? []) as {
    version: string;
    status: string;
  }[];
  const listed = status.find((release) => release.version === version);
  return [
    {
      what: `tag v${version} in the origin`,
      found: `${tag ?? 'none'} on ${tagged ?? 'nothing'}`,
      holds: tag !== undefined && tagged !== undefined,
    },
    { what: 'release branch', found: branch ?? 'deleted', holds: branch === undefined },
    {
      what: `${PACKAGE}@${version} fetched back`,
      found: tarball?.integrity ?? 'not there',
      holds: tarball !== undefined,
    },
    { what: 'latest', found: distTags['latest'] ?? 'none', holds: distTags['latest'] === version },
    { what: 'production answers', found: production, holds: production === version },
    { what: 'state.yml', found: `${state?.phase} ${state?.version}`, holds: state?.version === version },
    {
      what: 'release-status.yaml',
      found: `${listed?.version} ${listed?.status}`,
      holds: listed?.status === 'deployed',
    },
  ];
}

/** What a rolled back release should have left: the old version everywhere, and the new one offered to nobody. */
export async function checkRolledBack(world: World, version: string, before: string): Promise<Finding[]> {
  const { fixture } = world;
  const registry = `http://127.0.0.1:${fixture.ports.npm}/`;
  const { distTags } = await readPackage({ registry, name: PACKAGE });
  const tag = await readOrigin(world, `refs/tags/v${version}`);
  const production = await askVersion(fixture.ports.production);
  const healthy = (await fetch(`http://127.0.0.1:${fixture.ports.production}/products`)).status;
  const status = (parse(await showFile(world, 'release-status.yaml'))?.releases ?? []) as {
    version: string;
    status: string;
  }[];
  const listed = status.find((release) => release.version === version);
  return [
    {
      what: 'production answers',
      found: `${production}, /products ${healthy}`,
      holds: production === before && healthy === 200,
    },
    { what: 'latest never moved', found: distTags['latest'] ?? 'none', holds: distTags['latest'] === before },
    { what: 'no tag was made', found: tag ?? 'none', holds: tag === undefined },
    {
      what: 'release-status.yaml',
      found: `${listed?.version} ${listed?.status}`,
      holds: listed?.status === 'rolled_back',
    },
  ];
}

async function readOrigin(world: World, ref: string): Promise<string | undefined> {
  const { stdout } = await run('git', ['ls-remote', world.folders.origin, ref]);
  return stdout.split('\t')[0] || undefined;
}

async function showFile(world: World, file: string): Promise<string> {
  try {
    return (await run('git', ['--git-dir', world.folders.origin, 'show', `refs/heads/main:${file}`])).stdout;
  } catch {
    return '';
  }
}

async function askVersion(port: number): Promise<string> {
  try {
    const answer = (await (await fetch(`http://127.0.0.1:${port}/version`)).json()) as { version?: string };
    return answer.version ?? 'no version';
  } catch {
    return 'no answer';
  }
}
