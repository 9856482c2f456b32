/** The files of one tree: a work tree on disk, or a commit. Paths are from the top of the repository. */
export interface FileSource {
  /** The file's text, or null when there is no such file. */
  read(path: string): Promise<string | null>;
  /** Names of what a folder holds (files and folders, without the path), or none when there is no such folder. */
  list(folder: string): Promise<string[]>;
}

/** Joins folder and path; a path that begins with a slash is from the top of the repository. */
export function joinPath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The folder that a path lies in, `''` at the top. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** A folder and those above it, the nearest first, the top (`''`) last. */
export function foldersUp(folder: string): string[] {
  return folder === '' ? [''] : [folder, ...foldersUp(folderOf(folder))];
}

/** How deep `**` looks: nobody nests packages deeper, and each folder is a question to git. */
const DEEPEST = 4;
const NO_PACKAGES = /^\.|^node_modules$|\.\w+$/;

/** A folder and those below it. */
async function listBelow(source: FileSource, folder: string, depth: number): Promise<string[]> {
  if (depth === 0) return [folder];
  const names = (await source.list(folder)).filter((name) => !NO_PACKAGES.test(name));
  const below = await Promise.all(names.map((name) => listBelow(source, joinPath(folder, name), depth - 1)));
  return [folder, ...below.flat()];
}

/** Folders that a list of patterns names, where `*` stands for any part of a name and `**` for any folders. */
export async function expandFolders(
  source: FileSource,
  base: string,
  patterns: readonly string[],
): Promise<string[]> {
  const all = await Promise.all(
    patterns.map(async (pattern) => {
      let folders = [base];
      for (const part of pattern.replace(/\/+$/, '').split('/').slice(0, 20)) {
        const next = await Promise.all(
          folders.map(async (folder) => {
            if (part === '**') return await listBelow(source, folder, DEEPEST);
            if (!part.includes('*')) return [joinPath(folder, part)];
            const name = new RegExp(`^${part.split('*').map(escapePattern).join('.*')}$`);
            return (await source.list(folder))
              .filter((one) => name.test(one))
              .map((one) => joinPath(folder, one));
          }),
        );
        folders = next.flat().slice(0, 2_000);
      }
      return folders;
    }),
  );
  return [...new Set(all.flat())];
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.|?+()[\]{}*]/g, '\\$&');
}
