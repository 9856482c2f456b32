import { expandFolders, type FileSource, folderOf, foldersUp, joinPath } from '../file-source.ts';
import type { VersionFile } from '../format.ts';
import { readTomlStrings } from '../spans/toml.ts';
import type { Follow } from './follower.ts';

/** Cargo's lock file, and of a workspace the members that have its version. */
export const followCargo: Follow = async (source, path, text) => {
  const folder = folderOf(path);
  const root = readCrate(text);
  const members = await readMembers(source, folder, text);
  const version = root.version ?? root.shared;
  const inheriting = members.filter(({ crate }) =>
    crate.inherits ? root.shared !== undefined : version === undefined,
  );
  const names = [root.name, ...inheriting.map(({ crate }) => crate.name)].filter(
    (name) => name !== undefined,
  );
  const files: VersionFile[] = members.map((member) => ({
    path: member.path,
    text: member.text,
    packageNames: names,
    foreign: !inheriting.includes(member),
  }));
  for (const above of foldersUp(folder)) {
    const lock = joinPath(above, 'Cargo.lock');
    const found = await source.read(lock);
    if (found === null) continue;
    files.push({ path: lock, text: found, packageNames: names });
    break;
  }
  return { packageNames: names, files };
};

interface Crate {
  name: string | undefined;
  version: string | undefined;
  /** The version that a workspace gives its members. */
  shared: string | undefined;
  /** Whether it has its workspace's version. */
  inherits: boolean;
}

function readCrate(text: string): Crate {
  const strings = readTomlStrings(text);
  const find = (table: string, key: string) =>
    strings.find((one) => one.table === table && one.key === key)?.value;
  return {
    name: find('package', 'name'),
    version: find('package', 'version'),
    shared: find('workspace.package', 'version'),
    inherits:
      /^[ \t]*version(?:\.workspace[ \t]*=[ \t]*true|[ \t]*=[ \t]*\{[ \t]*workspace[ \t]*=[ \t]*true)/m.test(
        text,
      ),
  };
}

async function readMembers(source: FileSource, folder: string, text: string) {
  const list = (key: string): string[] => {
    const array =
      new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*\\[([^\\]]*)\\]`, 'm').exec(workspaceTable(text))?.[1] ?? '';
    return [...array.replace(/#[^\n]*/g, '').matchAll(/["']([^"']+)["']/g)].map(([, member = '']) => member);
  };
  const left = new Set(await expandFolders(source, folder, list('exclude')));
  const folders = (await expandFolders(source, folder, list('members'))).filter((one) => !left.has(one));
  const read = await Promise.all(
    folders
      .filter((one) => one !== folder)
      .map(async (member) => {
        const path = joinPath(member, 'Cargo.toml');
        const found = await source.read(path);
        return found === null ? [] : [{ path, text: found, crate: readCrate(found) }];
      }),
  );
  return read.flat();
}

/** The lines of `[workspace]`, up to the next table. */
function workspaceTable(text: string): string {
  return /^\[workspace\][ \t]*(?:#[^\n]*)?\r?\n((?:(?!\[[\w."-]+\])[^\n]*\n?)*)/m.exec(text)?.[1] ?? '';
}
