import { type FileSource, joinPath } from '../../../../release/plan/version-files/file-source.ts';
import { isLocalRange } from '../lint-package.ts';
import { findWorkspace, type Workspace } from './find-workspace.ts';

type Data = Record<string, unknown>;

/** Every field whose ranges `pnpm pack` and `yarn pack` put in; nobody installs the second. */
const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
const NOT_INSTALLED = 'devDependencies';

export interface ResolvedManifest {
  manifest: Data;
  /** Whether anything was put in. */
  isChanged: boolean;
  /** What the workspace does not say, each as `name@range` with the reason. */
  unresolved: string[];
}

/**
 * A manifest as `pnpm pack` and `yarn pack` would publish it: `workspace:` and `catalog:` by what the workspace says.
 * What only works beside the repository (`link:`, `file:`) cannot be put into a range.
 *
 * @param folder the package's, from the top of the repository
 */
export async function resolveRanges(
  manifest: Data,
  source: FileSource,
  folder: string,
): Promise<ResolvedManifest> {
  const result: ResolvedManifest = { manifest: { ...manifest }, isChanged: false, unresolved: [] };
  let workspace: Promise<Workspace | undefined> | undefined;
  for (const field of FIELDS) {
    const ranges = manifest[field];
    if (typeof ranges !== 'object' || ranges === null) continue;
    const next: Data = { ...ranges };
    for (const [name, range] of Object.entries(ranges)) {
      if (!isLocalRange(range)) continue;
      workspace ??= findWorkspace(source, folder);
      const found = await resolveRange(name, range, await workspace, folder);
      if ('range' in found) {
        next[name] = found.range;
        result.isChanged = true;
      } else if (field !== NOT_INSTALLED) result.unresolved.push(`${name}@${range} (${found.why})`);
    }
    result.manifest[field] = next;
  }
  return result;
}

type Found = { range: string } | { why: string };

async function resolveRange(
  name: string,
  range: string,
  workspace: Workspace | undefined,
  folder: string,
): Promise<Found> {
  const [, protocol = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(range) ?? [];
  if (protocol === 'catalog') {
    const catalog = rest.trim() === '' ? 'default' : rest.trim();
    const own = workspace?.catalogs[catalog]?.[name];
    if (typeof own !== 'string') return { why: `no catalog ${catalog} has it` };
    return isLocalRange(own) ? { why: `its catalog says ${own}` } : { range: own };
  }
  if (protocol !== 'workspace') return { why: 'a folder or file of its author' };
  if (workspace === undefined) return { why: 'this is no workspace' };
  if (/^\.{1,2}(?:\/|$)/.test(rest)) {
    const there = await workspace.packageAt(joinPath(folder, rest));
    if (there === undefined) return { why: 'no package is there' };
    return { range: there.name === name ? there.version : `npm:${there.name}@${there.version}` };
  }
  const alternatives = range.split('||').map((one) => resolveAlternative(name, one.trim(), workspace));
  const why = alternatives.find((one) => 'why' in one);
  return why ?? { range: alternatives.flatMap((one) => ('range' in one ? [one.range] : [])).join(' || ') };
}

/** `workspace:^`, `workspace:other@*`, `workspace:^1.2.0`, or a plain range beside one of them. */
function resolveAlternative(name: string, range: string, { versions }: Workspace): Found {
  if (!range.startsWith('workspace:')) return { range };
  const [, alias, wanted = ''] = /^workspace:(?:(@?[^@]+)@)?(.*)$/s.exec(range) ?? [];
  const target = alias ?? name;
  const prefix = alias === undefined ? '' : `npm:${alias}@`;
  if (!/^[\^~*]?$/.test(wanted)) return { range: `${prefix}${wanted}` };
  const version = versions.get(target);
  if (version === undefined)
    return { why: `no package of the workspace is called ${target}, with a version` };
  return { range: `${prefix}${wanted === '*' ? '' : wanted}${version}` };
}
