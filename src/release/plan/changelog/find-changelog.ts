import { type FileSource, folderOf, joinPath } from '../version-files/file-source.ts';

/** The changelog as the repository has it: of another case (`changelog.md`), where it has none of the exact name. */
export async function findChangelog(source: FileSource, path: string): Promise<string> {
  const folder = folderOf(path);
  const name = path.slice(folder === '' ? 0 : folder.length + 1);
  const names = await source.list(folder);
  if (names.includes(name)) return path;
  const other = names.find((one) => one.toLowerCase() === name.toLowerCase());
  return other === undefined ? path : joinPath(folder, other);
}
