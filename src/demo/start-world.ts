import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { findFreePort } from '../temporal/free-port.ts';
import type { WatchedProcess } from '../temporal/watched-process.ts';
import type { DemoFolders } from './folders.ts';
import { layOutFolders } from './folders.ts';
import type { DemoPlot } from './plot.ts';
import { inventPlot } from './plot.ts';
import { getRegistryToken, startEnvironment, startRegistry } from './processes.ts';
import { bringUpVersionBefore, makeOrigin } from './set-the-stage.ts';
import { writeDemoConfig } from './write-config.ts';

/** The demo's world apart from Temporal: origin, registry, two environments, and the configuration for them. */
export interface World {
  plot: DemoPlot;
  folders: DemoFolders;
  /** Whether an earlier start was interrupted in the middle of its release. */
  resumed: boolean;
  save(change: Partial<DemoPlot>): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  root: string;
  product: string;
  bad: boolean;
  /** Sentences on what is being done. */
  onProgress: (message: string) => void;
}

/**
 * Brings the world up. When an earlier start was killed in the middle of its release, its world is taken up again as
 * it was; a finished or half-made one makes room for a new one.
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folders = layOutFolders(options.root);
  const before = await readPlot(folders);
  const resumed = before?.ready === true && !before.finished && before.bad === options.bad;
  if (!resumed) await rm(options.root, { recursive: true, force: true });
  await mkdir(options.root, { recursive: true, mode: 0o700 });
  let plot: DemoPlot =
    resumed && before ? before : inventPlot(options.product, options.bad, await findPorts());
  const save = async (change: Partial<DemoPlot>) => {
    plot = { ...plot, ...change };
    world.plot = plot;
    await writeFile(`${folders.plot}.new`, JSON.stringify(plot, undefined, 2), { mode: 0o600 });
    await rename(`${folders.plot}.new`, folders.plot);
  };
  const running: WatchedProcess[] = [];
  const world: World = {
    plot,
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
    running.push(await startRegistry(plot, folders));
    running.push(await startEnvironment('staging', plot, folders));
    running.push(await startEnvironment('production', plot, folders));
    if (!resumed) {
      options.onProgress('building the example product’s history, with a bare origin');
      await save({ npmToken: await getRegistryToken(plot) });
      await makeOrigin(plot, folders);
      options.onProgress('publishing and deploying the last release, 1.2.0, as the world’s beginning');
      await bringUpVersionBefore(plot, folders);
    }
    await writeDemoConfig(plot, folders);
    await save({ ready: true });
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}

async function readPlot(folders: DemoFolders): Promise<DemoPlot | undefined> {
  try {
    const plot = JSON.parse(await readFile(folders.plot, 'utf8')) as DemoPlot;
    return plot.format === 1 ? plot : undefined;
  } catch {
    return undefined;
  }
}

async function findPorts(): Promise<DemoPlot['ports']> {
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
  return Object.fromEntries(names.map((name, index) => [name, found[index]])) as DemoPlot['ports'];
}
