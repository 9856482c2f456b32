import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { findFreePort } from '../temporal/free-port.ts';
import type { WatchedProcess } from '../temporal/server/watched-process.ts';
import type { DemoFixture } from './fixture.ts';
import { createFixture } from './fixture.ts';
import type { DemoFolders } from './folders.ts';
import { layOutFolders } from './folders.ts';
import { getRegistryToken, startEnvironment, startRegistry } from './processes.ts';
import { bringUpVersionBefore, makeOrigin } from './version-before.ts';
import { writeDemoConfig } from './write-config.ts';

/** The demo's world apart from Temporal: origin, registry, two environments, and the configuration for them. */
export interface World {
  fixture: DemoFixture;
  folders: DemoFolders;
  /** Whether an earlier start was interrupted in the middle of its release. */
  resumed: boolean;
  save(change: Partial<DemoFixture>): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  root: string;
  product: string;
  bad: boolean;
  /** Puts the bare origin into place, instead of the building of it; tests have copies of one. */
  placeOrigin?: (origin: string) => Promise<void>;
  /** Sentences on what is being done. */
  onProgress: (message: string) => void;
}

/**
 * Brings the world up. When an earlier start was killed in the middle of its release, its world is taken up again as
 * it was; a finished or half-made one makes room for a new one.
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folders = layOutFolders(options.root);
  const before = await readFixture(folders);
  const resumed = before?.ready === true && !before.finished && before.bad === options.bad;
  if (!resumed) await rm(options.root, { recursive: true, force: true });
  await mkdir(options.root, { recursive: true, mode: 0o700 });
  let fixture: DemoFixture =
    resumed && before ? before : createFixture(options.product, options.bad, await findPorts());
  const save = async (change: Partial<DemoFixture>) => {
    fixture = { ...fixture, ...change };
    world.fixture = fixture;
    await writeFile(`${folders.fixture}.new`, JSON.stringify(fixture, undefined, 2), { mode: 0o600 });
    await rename(`${folders.fixture}.new`, folders.fixture);
  };
  const running: WatchedProcess[] = [];
  const world: World = {
    fixture,
    folders,
    resumed,
    save,
    stop: async () => {
      // The last started ends first.
      for (const program of running.toReversed()) await program.stop();
    },
  };
  try {
    options.onProgress('starting a local npm registry (verdaccio) and two environments of the shop');
    running.push(await startRegistry(fixture, folders));
    running.push(await startEnvironment('staging', fixture, folders));
    running.push(await startEnvironment('production', fixture, folders));
    if (!resumed) {
      options.onProgress('building the example product’s history, with a bare origin');
      await save({ npmToken: await getRegistryToken(fixture) });
      await (options.placeOrigin?.(folders.origin) ?? makeOrigin(fixture, folders));
      options.onProgress('publishing and deploying the last release, 1.2.0, as the world’s beginning');
      await bringUpVersionBefore(fixture, folders);
    }
    await writeDemoConfig(fixture, folders);
    await save({ ready: true });
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}

async function readFixture(folders: DemoFolders): Promise<DemoFixture | undefined> {
  try {
    const fixture = JSON.parse(await readFile(folders.fixture, 'utf8')) as DemoFixture;
    return fixture.format === 1 ? fixture : undefined;
  } catch {
    return undefined;
  }
}

async function findPorts(): Promise<DemoFixture['ports']> {
  const names = [
    'temporal',
    'webUi',
    'api',
    'npm',
    'staging',
    'stagingControl',
    'production',
    'productionControl',
  ] as const;
  const ports = new Set<number>();
  while (ports.size < names.length) ports.add(await findFreePort());
  const found = [...ports];
  return Object.fromEntries(names.map((name, index) => [name, found[index]])) as DemoFixture['ports'];
}
