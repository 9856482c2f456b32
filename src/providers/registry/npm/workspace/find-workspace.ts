import { parse } from 'yaml';
import {
  expandFolders,
  type FileSource,
  foldersUp,
  joinPath,
} from '../../../../release/plan/version-files/file-source.ts';

type Data = Record<string, unknown>;

/** A pnpm, yarn, npm or bun workspace, as far as ranges of its packages go. */
export interface Workspace {
  /** Versions of its packages, by name. */
  versions: ReadonlyMap<string, string>;
  /** Ranges by catalog and package; the nameless catalog is `default`. */
  catalogs: Readonly<Record<string, Data>>;
  /** The package in a folder, from the top of the repository. */
  packageAt(folder: string): Promise<{ name: string; version: string } | undefined>;
}

/** The workspace that a product's folder belongs to, or undefined where there is none. */
export async function findWorkspace(source: FileSource, folder: string): Promise<Workspace | undefined> {
  for (const root of foldersUp(folder)) {
    const pnpm = readYaml(await source.read(joinPath(root, 'pnpm-workspace.yaml')));
    const manifest = readJson(await source.read(joinPath(root, 'package.json')));
    const own = manifest?.['workspaces'];
    const patterns = pnpm?.['packages'] ?? (Array.isArray(own) ? own : asData(own)?.['packages']);
    if (pnpm === undefined && own === undefined) continue;
    const yarn = readYaml(await source.read(joinPath(root, '.yarnrc.yml')));
    const named = [manifest, asData(own), yarn, pnpm].filter((one) => one !== undefined);
    const packageAt = async (at: string) => {
      const found = readJson(await source.read(joinPath(at, 'package.json')));
      const { name, version } = found ?? {};
      return typeof name === 'string' && typeof version === 'string' ? { name, version } : undefined;
    };
    const versions = new Map<string, string>();
    for (const at of await listFolders(source, root, patterns)) {
      const found = await packageAt(at);
      if (found !== undefined) versions.set(found.name, found.version);
    }
    return {
      versions,
      catalogs: mergeCatalogs(named.map(readCatalogs)),
      packageAt,
    };
  }
  return undefined;
}

async function listFolders(source: FileSource, root: string, patterns: unknown): Promise<string[]> {
  const texts = Array.isArray(patterns) ? patterns.filter((one) => typeof one === 'string') : [];
  const plain = texts.map((text) => text.replace(/^(!?)\.\//, '$1'));
  const left = plain.filter((text) => text.startsWith('!')).map((text) => text.slice(1));
  const leftOut = new Set(await expandFolders(source, root, left));
  const found = await expandFolders(
    source,
    root,
    plain.filter((text) => !text.startsWith('!')),
  );
  return [root, ...found.filter((folder) => !leftOut.has(folder))];
}

function readCatalogs(data: Data): Record<string, Data> {
  const nameless = asData(data['catalog']);
  const named = Object.entries(asData(data['catalogs']) ?? {}).flatMap(([name, ranges]) => {
    const entries = asData(ranges);
    return entries === undefined ? [] : [[name, entries] as const];
  });
  return { ...Object.fromEntries(named), ...(nameless === undefined ? {} : { default: nameless }) };
}

/** A name in several files is one catalog; the workspace's own file has the last word. */
function mergeCatalogs(all: readonly Record<string, Data>[]): Record<string, Data> {
  const merged: Record<string, Data> = {};
  for (const catalogs of all)
    for (const [name, ranges] of Object.entries(catalogs)) merged[name] = { ...merged[name], ...ranges };
  return merged;
}

function readYaml(text: string | null): Data | undefined {
  if (text === null) return undefined;
  try {
    return asData(parse(text)) ?? {};
  } catch {
    // What cannot be read says nothing; the range that would need it is refused.
    return {};
  }
}

function readJson(text: string | null): Data | undefined {
  try {
    return text === null ? undefined : asData(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asData(value: unknown): Data | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined;
}
