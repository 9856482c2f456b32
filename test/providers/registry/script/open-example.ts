import { cpSync, mkdirSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { performEffect } from '../../../../src/activities/perform-effect.ts';
import { runScript } from '../../../../src/integrations/process/run-script.ts';
import { searchPath } from '../../../../src/integrations/process/search-path.ts';
import type { Build, Registry } from '../../../../src/providers/registry/registry.ts';
import { openScript } from '../../../../src/providers/registry/script/open.ts';
import { openFolderStore } from '../../../../src/providers/store/folder/folder-store.ts';
import type { ProductSettings } from '../../../../src/release/settings.ts';
import type { Built } from '../../../../src/release/values.ts';

/** A program of `examples/registries` as a product `shop` would have it, with real processes and a real store. */
export interface ExampleRegistry {
  registry: Registry;
  /** Takes files of `root` as what the build script named. */
  build(version: string, files: string[]): Promise<Built>;
  /** Publishes as the activity does; gives the receipt's outcome. */
  publish(built: Built): Promise<string | undefined>;
}

/** `root`: an empty folder. `tools`: a folder with programs that the example needs beside those of the machine. */
export async function openExample(options: {
  name: string;
  root: string;
  package?: string;
  variables: Record<string, string>;
  tools?: string;
}): Promise<ExampleRegistry> {
  const { name, root, variables, tools } = options;
  const example = fileURLToPath(new URL(`../../../../examples/registries/${name}`, import.meta.url));
  const checkout = join(root, 'checkout');
  mkdirSync(join(checkout, 'ops'), { recursive: true });
  cpSync(example, join(checkout, 'ops', basename(example)));
  let scratches = 0;
  const registry = openScript({
    name,
    settings: {
      kind: 'script',
      run: [`ops/${name}`],
      timeoutMs: 60_000,
      variables,
      secrets: {},
      ...(options.package === undefined ? {} : { package: options.package }),
    },
    product: { name: 'shop', release: { releaseType: 'stable', releaseBranch: 'main' } } as ProductSettings,
    store: await openFolderStore(join(root, 'store')),
    signal: () => new AbortController().signal,
    secret: () => '',
    withScratch: async (work) => {
      scratches += 1;
      const folder = join(root, `scratch-${scratches}`);
      mkdirSync(folder);
      return await work(folder);
    },
    runProgram: async (program, use) => {
      const path = [...(tools === undefined ? [] : [tools]), searchPath()].join(delimiter);
      const result = await runScript({
        cwd: checkout,
        command: program.run,
        timeoutMs: program.timeoutMs,
        environment: { ...program.facts, ...program.variables, PATH: path },
        secrets: {},
        logFile: join(root, `log-${scratches}`),
      });
      if (result.exitCode !== 0) throw new Error(`${program.title} failed: ${result.log.tail}`);
      return await use({ folder: checkout, output: (result.output ?? {}) as Record<string, unknown> });
    },
  });
  return {
    registry,
    build: async (version, files) =>
      await registry.make({
        version,
        folder: root,
        root,
        output: { packages: { [name]: files } },
        isBuilt: true,
        findMade: async (folder: string, named: string) => resolve(folder, named),
        runScript: async () => undefined,
      } as Build),
    publish: async (built) => {
      const calm = { barrier: async () => undefined, isOwned: () => true };
      const [effect] = (await registry.publish(built, 'shop-1')).effects;
      const { receipts } = await performEffect(calm, { ...effect!, name: 'registry-publish' });
      return receipts[0]?.outcome;
    },
  };
}
