/** Every version file of a product, with its lock files and modules, from one tree to the texts of the next. */
import { type FileSource, joinPath } from './file-source.ts';
import { findFollowing } from './followers/index.ts';
import { type VersionFile, VersionFileError } from './format.ts';
import { findVersionFiles } from './formats.ts';
import { editFollower, editVersion, readVersion } from './set-version.ts';

export interface ConfiguredFile {
  /** From the product's folder, or with a leading slash from the top of the repository. */
  path: string;
  pattern?: string;
}

export interface VersionFilesRequest {
  source: FileSource;
  /** The product's folder, `''` for the whole repository. */
  folder: string;
  /** What the configuration names; null: whatever version files the folder has. */
  files: readonly ConfiguredFile[] | null;
  version: string;
  /** The last released version, or null before the first. */
  previous: string | null;
}

export interface VersionFilesEdit {
  /** Files that change, with their whole new text; paths from the top of the repository. */
  edits: { path: string; text: string }[];
  /** What a person should know of what is changed, and of what is left, in whole sentences. */
  said: string[];
  /** Why nothing can be changed, all reasons at once, in whole sentences. */
  problems: string[];
  /** Files that state no version of their own, where nobody named them. */
  silent: string[];
}

/** Makes the edits; nothing is written. The same tree and request give the same edits, and none the second time. */
export async function editVersionFiles(request: VersionFilesRequest): Promise<VersionFilesEdit> {
  const { source, folder, version, previous } = request;
  const before = new Map<string, string>();
  const texts = new Map<string, string>();
  const result: VersionFilesEdit = { edits: [], said: [], problems: [], silent: [] };
  const overlay: FileSource = {
    list: (path) => source.list(path),
    read: async (path) => {
      const edited = texts.get(path);
      if (edited !== undefined) return edited;
      const text = await source.read(path);
      if (text !== null) before.set(path, text);
      return text;
    },
  };
  const files: readonly ConfiguredFile[] =
    request.files ?? findVersionFiles(await source.list(folder)).map((path) => ({ path }));
  for (const file of files) {
    const path = joinPath(folder, file.path);
    const text = await overlay.read(path);
    if (text === null) {
      result.problems.push(
        `The version file ${path} does not exist. Correct version_files, or add the file.`,
      );
      continue;
    }
    try {
      const following =
        file.pattern === undefined
          ? await findFollowing(overlay, path, text)
          : { packageNames: [], files: [] };
      const named = { path, text, packageNames: following.packageNames };
      const stated = await readVersion({ ...named, ...patternOf(file) });
      if (stated === null && request.files === null) {
        await moveFollowers(texts, following.files, version, previous);
        result.silent.push(path);
        continue;
      }
      const edited = await editVersion({ ...named, version, previous, ...patternOf(file) });
      texts.set(path, edited.text);
      result.said.push(...edited.said);
      await moveFollowers(texts, following.files, version, stated);
    } catch (error) {
      if (!(error instanceof VersionFileError)) throw error;
      result.problems.push(error.message);
    }
  }
  if (result.problems.length === 0) {
    for (const [path, text] of texts) if (before.get(path) !== text) result.edits.push({ path, text });
  }
  return result;
}

function patternOf({ pattern }: ConfiguredFile): { pattern?: string } {
  return pattern === undefined ? {} : { pattern };
}

/** Moves what follows a manifest that stated `old`; without one, what states the last release. */
async function moveFollowers(
  texts: Map<string, string>,
  files: readonly VersionFile[],
  version: string,
  old: string | null,
): Promise<void> {
  if (old === null) return;
  for (const file of files) {
    const text = texts.get(file.path) ?? file.text;
    const edited = await editFollower({ ...file, text }, version, old);
    if (edited !== text) texts.set(file.path, edited);
  }
}
