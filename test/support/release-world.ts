import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Installation } from '../../src/config/installation.ts';
import { isConfigMistakes } from '../../src/config/installation.ts';
import { loadInstallation } from '../../src/config/load.ts';
import { describeMistakes } from '../../src/config/mistakes/mistake.ts';
import type { DemoPlot } from '../../src/demo/plot.ts';
import type { World } from '../../src/demo/start-world.ts';
import { startWorld } from '../../src/demo/start-world.ts';
import { enterScene, type Scene } from './scene.ts';

/** The example product's world with every role's worker, on the run's shared Temporal server. */
export interface ReleaseWorld extends Scene {
  world: World;
  installation: Installation;
  stop(): Promise<void>;
}

/** Starts it; one file needs it once. `adjust` changes the installation as a different `windlass.yaml` would. */
export async function startReleaseWorld(
  options: { bad?: boolean; adjust?: (installation: Installation, plot: DemoPlot) => void } = {},
): Promise<ReleaseWorld> {
  const root = await mkdtemp(join(tmpdir(), 'windlass-world-'));
  const product = `shop-${randomUUID().slice(0, 8)}`;
  const world = await startWorld({ root, product, bad: options.bad ?? false, onProgress: () => undefined });
  const installation = readInstallation(world.folders.config);
  options.adjust?.(installation, world.plot);
  const scene = await enterScene(installation, world.plot);
  return {
    ...scene,
    world,
    installation,
    stop: async () => {
      await scene.leave();
      await world.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A configuration that must be right. */
export function readInstallation(file: string): Installation {
  const loaded = loadInstallation({ file, environment: {} });
  if (isConfigMistakes(loaded)) throw new Error(describeMistakes(loaded));
  return loaded;
}
