import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

/**
 * The design's table of what each folder may import: other folders of `src`, and packages. `type:` allows a folder's
 * types only, `folder/path.ts` one file of it. Everything that is not named is forbidden.
 */
const TABLE: Record<string, { folders: string[]; packages: RegExp }> = {
  // Pure rules: no I/O, no clock, no Temporal. Hashing in plain JavaScript, since workflows have no node:crypto.
  release: { folders: [], packages: /^(semver\/functions\/|@noble\/hashes\/)/ },
  // The validators of what comes from outside know the closed lists of words of the pure rules.
  contracts: { folders: ['release'], packages: /^$/ },
  workflows: {
    folders: ['release', 'contracts'],
    // `@temporalio/common` has the one error class that `@temporalio/workflow` does not export again.
    packages: /^@temporalio\/(workflow|common)$/,
  },
  integrations: { folders: ['release', 'contracts', 'type:config'], packages: /^(?!@temporalio)/ },
  providers: {
    folders: [
      'release',
      'contracts',
      'integrations',
      'type:config',
      // What their parts of `windlass.yaml` are built of.
      'config/schema/fields.ts',
      'config/schema/script-schema.ts',
      'config/normalise/paths.ts',
    ],
    packages: /^(?!@temporalio)/,
  },
  activities: {
    folders: ['release', 'contracts', 'providers', 'integrations', 'config'],
    packages: /^(node:|yaml$|@temporalio\/(activity|common|client)$)/,
  },
  temporal: {
    folders: [
      'contracts',
      'release',
      'config',
      // Who holds what on this machine, and whether it still lives.
      'integrations/process/folder-lock.ts',
      'integrations/process/process-owner.ts',
    ],
    packages: /^(node:|@temporalio\/)/,
  },
  // The providers bring their parts of the schema; their clients stay out (see below).
  config: { folders: ['release', 'contracts', 'providers'], packages: /^(node:|zod$|yaml$|semver\/)/ },
  workers: {
    folders: ['release', 'contracts', 'activities', 'providers', 'integrations', 'config', 'temporal'],
    packages: /^(node:|@temporalio\/)/,
  },
  api: {
    // The store and the signing of decisions are integrations; everything else reaches the API through contracts.
    folders: ['release', 'contracts', 'temporal', 'config', 'providers', 'integrations'],
    packages: /^(?!@octokit)/,
  },
  cli: {
    folders: [
      'release',
      'contracts',
      'config',
      'temporal',
      'workers',
      'api',
      'providers',
      'integrations',
      'demo',
    ],
    packages: /^/,
  },
  // What programs of others may import of the package.
  public: { folders: ['release', 'contracts', 'config', 'cli'], packages: /^$/ },
  demo: {
    folders: [
      'release',
      'contracts',
      'config',
      'temporal',
      'workers',
      'api',
      'providers',
      'integrations',
      'cli',
    ],
    packages: /^/,
  },
};

describe('the import table of the design', () => {
  it('names every folder of src', () => {
    const folders = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).sort()).toEqual(Object.keys(TABLE).sort());
  });

  it('sees imports of every form', () => {
    const text = [
      "import { a,\n  b } from './several-lines.ts';",
      "import type { T } from './types.ts';",
      "export { c } from './exported.ts';",
      "import './bare.ts';",
      "const d = await import('./later.ts');",
    ].join('\n');
    expect(readImports(text)).toEqual([
      { source: './several-lines.ts', typeOnly: false },
      { source: './types.ts', typeOnly: true },
      { source: './exported.ts', typeOnly: false },
      { source: './bare.ts', typeOnly: false },
      { source: './later.ts', typeOnly: false, later: true },
    ]);
  });

  it.each(Object.keys(TABLE))('holds for src/%s', (folder) => {
    expect(listSources(join(SOURCES, folder)).flatMap((file) => findForbidden(folder, file))).toEqual([]);
  });

  it('keeps the clients of providers out of whoever only reads the configuration', () => {
    const packages = [...listLoaded(join(SOURCES, 'config/load.ts'))].filter((name) => !name.startsWith('/'));
    expect(packages.filter((name) => !/^(node:|zod$|yaml$|semver\/|@noble\/hashes\/)/.test(name))).toEqual(
      [],
    );
  });
});

/** Everything that importing a file loads at once: files by path, packages by name. */
function listLoaded(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file);
  for (const { source, typeOnly, later } of readImports(readFileSync(file, 'utf8'))) {
    const target = source.startsWith('.') ? resolve(dirname(file), source) : source;
    if (typeOnly || later || seen.has(target)) continue;
    if (source.startsWith('.')) listLoaded(target, seen);
    else seen.add(target);
  }
  return seen;
}

function findForbidden(folder: string, file: string): string[] {
  const rule = TABLE[folder];
  const from = relative(SOURCES, file);
  return readImports(readFileSync(file, 'utf8')).flatMap(({ source, typeOnly }) => {
    if (!source.startsWith('.')) {
      return typeOnly || rule?.packages.test(source) ? [] : [`${from} imports the package ${source}`];
    }
    const path = relative(SOURCES, resolve(dirname(file), source));
    const target = path.split('/')[0] ?? '';
    const allowed =
      target === folder ||
      rule?.folders.includes(target) ||
      rule?.folders.includes(path) ||
      (typeOnly && rule?.folders.includes(`type:${target}`)) ||
      // A workflow names its activities by their types alone.
      (typeOnly && folder === 'workflows' && target === 'activities');
    return allowed ? [] : [`${from} imports ${source}`];
  });
}

function readImports(text: string): { source: string; typeOnly: boolean; later?: true }[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/gm);
  const bare = text.matchAll(/^import\s+'([^']+)'/gm);
  const dynamic = text.matchAll(/(?:await\s+|=>\s+|\()import\('([^']+)'\)/g);
  return [
    ...[...statements].map((match) => ({ source: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...[...bare].map((match) => ({ source: match[1] ?? '', typeOnly: false })),
    ...[...dynamic].map((match) => ({ source: match[1] ?? '', typeOnly: false, later: true as const })),
  ];
}

function listSources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}
