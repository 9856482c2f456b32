import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DockerRegistry, startDockerRegistry } from '../../../support/server/docker-registry.ts';
import { type MavenRepository, startMavenRepository } from '../../../support/server/maven-repository.ts';
import { startPypi } from '../../../support/server/pypi.ts';
import { startVerdaccio, type Verdaccio } from '../../../support/server/verdaccio.ts';
import type { Files } from '../../../support/work-tree.ts';

/** Everything that the layouts publish to. */
export interface Registries {
  npm: Verdaccio;
  /** A token that may publish at `npm`. */
  npmToken: string;
  images: DockerRegistry;
  maven: MavenRepository;
  python: Awaited<ReturnType<typeof startPypi>>;
  /** A fresh folder of that name, for what is read from folders or made beforehand. */
  folder(name: string): string;
  stop(): Promise<void>;
}

/** How a layout's project publishes. */
export interface Publishing {
  /** What its entry in `windlass.yaml` has beside what the layout says. */
  product(at: Registries): Record<string, unknown>;
  /** What it has in its repository for that, by path. */
  files?: Files;
  /** What has to be there before. */
  prepare?(at: Registries): Promise<void>;
  /** Looks at it as a user of the ecosystem does. @throws where it is not there */
  check(at: Registries): Promise<void>;
}

/** Starts them side by side, with their folders below `root`. */
export async function startRegistries(root: string): Promise<Registries> {
  const [npm, images, maven, python] = await Promise.all([
    startVerdaccio(),
    startDockerRegistry(),
    startMavenRepository(),
    startPypi(),
  ]);
  return {
    ...{ npm, images, maven, python },
    npmToken: await npm.addUser('publisher'),
    folder: (name) => {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    stop: async () => {
      await Promise.all([npm, images, maven, python].map((server) => server.stop()));
    },
  };
}
