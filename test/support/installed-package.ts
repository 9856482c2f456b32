import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVerdaccio, type Verdaccio } from './server/verdaccio.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** `npm run` and vitest put the checkout's own Node first; people have another. */
const OURS = join(ROOT, 'node_modules', '.bin');

/** A file of the tarball, as npm tells it. */
interface PackedFile {
  path: string;
  size: number;
}

export interface PackedPackage {
  /** Path of the tarball. */
  tarball: string;
  size: number;
  unpackedSize: number;
  files: PackedFile[];
}

/** Builds the package and packs it into `folder`, as `npm pack` does for anybody. */
export function packPackage(folder: string): PackedPackage {
  return askNpmPack(folder, []);
}

/** What is in a package that is packed already. */
export function describePackage(tarball: string): PackedPackage {
  return askNpmPack(dirname(tarball), [tarball, '--dry-run']);
}

function askNpmPack(folder: string, more: string[]): PackedPackage {
  const told = execFileSync('npm', ['pack', '--json', '--pack-destination', folder, ...more], {
    cwd: ROOT,
    encoding: 'utf8',
    // What the build says of itself goes to standard error there.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [packed] = JSON.parse(told.slice(told.indexOf('[\n'))) as [PackedPackage & { filename: string }];
  return { ...packed, tarball: join(folder, packed.filename) };
}

/** The Node of this machine, not the one that the checkout brings; that one where there is no other. */
export function findMachineNode(): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '' || folder.startsWith(ROOT) || folder.includes('node_modules')) continue;
    try {
      accessSync(join(folder, 'node'), constants.X_OK);
      return join(folder, 'node');
    } catch {
      // Not in this one.
    }
  }
  return process.execPath;
}

/** An empty folder and an empty home of a person who has nothing but Node, npm and git. */
export interface Newcomer {
  root: string;
  /** Where they install into. */
  folder: string;
  environment: NodeJS.ProcessEnv;
  /** Path of the installed program. */
  program: string;
  registry: Verdaccio;
  /** `npm …` in their folder. @throws with npm's output */
  npm(...args: string[]): string;
  leave(): Promise<void>;
}

/**
 * A newcomer to whom a registry has the package to offer.
 *
 * @param publish puts it there; gets an empty folder for what it makes
 */
export async function meetNewcomer(
  publish: (registry: Verdaccio, root: string) => Promise<PackedPackage>,
): Promise<Newcomer & { packed: PackedPackage }> {
  const root = await mkdtemp(join(tmpdir(), 'windlass-newcomer-'));
  const [folder, home] = [join(root, 'folder'), join(root, 'home')];
  const release = join(root, 'release');
  for (const each of [folder, home, release]) await mkdir(each);
  const uplink = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  const registry = await startVerdaccio({ uplink });
  const leave = async () => {
    await registry.stop();
    await rm(root, { recursive: true, force: true });
  };
  const packed = await publish(registry, release).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((each) => !each.startsWith(OURS) && !each.includes('node_modules'));
  const environment = { PATH: path.join(delimiter), HOME: home, npm_config_registry: registry.url };
  return {
    root,
    folder,
    environment,
    packed,
    registry,
    program: join(folder, 'node_modules', '.bin', 'windlass'),
    npm: (...args) =>
      execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: folder,
        env: environment,
        encoding: 'utf8',
        stdio: 'pipe',
      }),
    leave,
  };
}
