import { basename, join } from 'node:path';
import type { InputOptions, OutputChunk, RolldownOutput } from 'rolldown';
import { rolldown } from 'rolldown';
import { type CopiedFolder, type Places, relocateFiles } from './relocate-files.ts';

export interface Bundled {
  folders: CopiedFolder[];
  /** Packages that the build imports when it runs. */
  packages: Set<string>;
}

/** Programs that must be CommonJS: the first file, for speed; and what Temporal's SDK loads by `require`. */
const COMMON_JS = {
  start: 'cli/start.packaged.ts',
  'payload-converter': 'temporal/payload-converter.ts',
  'sealed-failure-converter': 'temporal/sealing/sealed-failure-converter.ts',
};
/** What the first file loads only when it is asked for: modules, since their libraries are many and slow to read. */
const LATER = {
  main: 'cli/main.ts',
  'find-product': 'cli/plan/find-product.ts',
  'review-files': 'cli/plan/review-files.ts',
  'write-plan': 'cli/plan/write-plan.ts',
};
const MODULES = {
  ...LATER,
  contracts: 'public/contracts.ts',
  config: 'public/config.ts',
  client: 'public/client.ts',
};

/** Compiles the sources into `output`: modules that share what they have in common, and the few CommonJS files. */
export async function bundleSources(places: Places, output: string): Promise<Bundled> {
  const folders = new Map<string, CopiedFolder>();
  const source = (path: string) => join(places.sources, path);
  const commonJs = Object.values(COMMON_JS).map(source);
  const plugin = relocateFiles(places, commonJs, (folder) => folders.set(folder.from, folder));
  const common: InputOptions = { platform: 'node', plugins: [plugin], transform: { target: 'node20' } };
  const modules = await rolldown({
    ...common,
    input: Object.fromEntries(Object.entries(MODULES).map(([name, path]) => [name, source(path)])),
    // What the compiler itself adds is found in it, and goes in.
    external: (id) => !/^([./\0]|@oxc-project\/runtime\/)/.test(id),
  });
  const built = await modules.write({
    dir: output,
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'part-[name]-[hash].js',
  });
  const packages = listPackages(built);
  for (const [name, path] of Object.entries(COMMON_JS)) {
    const bundle = await rolldown({
      ...common,
      input: source(path),
      external: (id) => isLater(id) || /^(node:|@temporalio\/)/.test(id),
    });
    const { output: chunks } = await bundle.write({
      file: join(output, `${name}.cjs`),
      format: 'cjs',
      sourcemap: true,
      codeSplitting: false,
      paths: (id) => (isLater(id) ? `./${basename(id, '.ts')}.js` : id),
    });
    if (chunks.length > 2) throw new Error(`${name}.cjs is not in one piece.`);
    await bundle.close();
  }
  await modules.close();
  return { folders: [...folders.values()], packages };
}

function isLater(id: string): boolean {
  return id.endsWith('.ts') && Object.hasOwn(LATER, basename(id, '.ts'));
}

function listPackages({ output }: RolldownOutput): Set<string> {
  const own = new Set(output.map(({ fileName }) => fileName));
  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk');
  // What is loaded only when it is needed, and not by promise, stands in the code alone.
  const required = chunks.flatMap(({ code }) => [
    ...code.matchAll(/createRequire\(import\.meta\.url\)\(["']([^"']+)["']\)/g),
  ]);
  const names = [
    ...chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]),
    ...required.map(([, name]) => name ?? ''),
  ];
  const outside = names.filter((name) => !own.has(name) && !name.startsWith('node:'));
  return new Set(
    outside.map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    ),
  );
}
