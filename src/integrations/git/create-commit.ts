import { rm } from 'node:fs/promises';
import { GitNameRefused } from './git-errors.ts';
import { askMirror, type Mirror, temporaryPath } from './mirror/mirror.ts';
import { assertRepositoryPath, assertSha } from './names.ts';

/** Who is named in a commit or tag. */
export interface Signature {
  name: string;
  email: string;
}

export interface FileChange {
  /** Path in the repository, with slashes. */
  path: string;
  /** The whole new contents, or null to delete the file. */
  contents: string | Uint8Array | null;
}

export interface NewCommit {
  /** The first is the one that the changes apply to; none makes the first commit of a history. */
  parents: readonly string[];
  changes: readonly FileChange[];
  message: string;
  author: Signature;
  /** ISO 8601; the second is what counts. Author and committer have the same. */
  date: string;
}

/**
 * Makes a commit in the mirror, not on any branch. A function of its input: the same input gives the same commit id, on
 * every machine. A changed file keeps its mode (executable); a new one is a plain file.
 * @throws {GitNameRefused} for a path, name or date that cannot be, naming all bad paths at once.
 */
export async function createCommit(mirror: Mirror, commit: NewCommit): Promise<string> {
  commit.parents.forEach(assertSha);
  checkPaths(commit.changes);
  const index = await temporaryPath(mirror);
  const env = { GIT_INDEX_FILE: index };
  try {
    const [parent] = commit.parents;
    await askMirror(mirror, ['read-tree', parent ?? '--empty'], { env });
    const lines: string[] = [];
    for (const { path, contents } of commit.changes) {
      if (contents === null) {
        lines.push(`0 ${'0'.repeat(40)}\t${path}\0`);
        continue;
      }
      const blob = await askMirror(mirror, ['hash-object', '-w', '--no-filters', '--stdin'], {
        input: contents,
      });
      lines.push(`${await modeAt(mirror, parent, path)} ${text(blob.stdout)}\t${path}\0`);
    }
    if (lines.length > 0)
      await askMirror(mirror, ['update-index', '-z', '--index-info'], { env, input: lines.join('') });
    const tree = text((await askMirror(mirror, ['write-tree'], { env })).stdout);
    return await commitTree(mirror, { ...commit, tree });
  } finally {
    await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}

/** Makes a commit of a tree that is there. `committer` defaults to the author, `committedAt` to the author's date. */
export async function commitTree(
  mirror: Mirror,
  commit: {
    tree: string;
    parents: readonly string[];
    message: string;
    author: Signature;
    date: string;
    committer?: Signature;
    committedAt?: string;
  },
): Promise<string> {
  const committer = checkSignature(commit.committer ?? commit.author);
  const author = checkSignature(commit.author);
  const { stdout } = await askMirror(
    mirror,
    [
      'commit-tree',
      assertSha(commit.tree),
      ...commit.parents.flatMap((parent) => ['-p', assertSha(parent)]),
      '-F',
      '-',
    ],
    {
      input: checkMessage(commit.message),
      env: {
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_AUTHOR_DATE: gitDate(commit.date),
        GIT_COMMITTER_NAME: committer.name,
        GIT_COMMITTER_EMAIL: committer.email,
        GIT_COMMITTER_DATE: gitDate(commit.committedAt ?? commit.date),
      },
    },
  );
  return text(stdout);
}

/** Seconds and zone as git writes them (`1766000000 +0000`), always UTC. @throws {GitNameRefused} */
export function gitDate(iso: string): string {
  const milliseconds = Date.parse(iso);
  if (Number.isNaN(milliseconds) || milliseconds < 0)
    throw new GitNameRefused(`${JSON.stringify(iso)} is no date. Nothing was made.`);
  return `${Math.floor(milliseconds / 1_000)} +0000`;
}

/** @throws {GitNameRefused} when name or e-mail cannot stand in a commit. */
export function checkSignature(signature: Signature): Signature {
  const fine = [signature.name, signature.email].every(
    (part) => part.trim() !== '' && !/[<>\u0000-\u001f\u007f]/.test(part),
  );
  if (fine) return signature;
  throw new GitNameRefused(
    `${JSON.stringify(signature)} cannot sign a commit: it needs a name and an e-mail without < and >.`,
  );
}

/** The message with one line feed at its end. @throws {GitNameRefused} when it is empty or has a NUL. */
export function checkMessage(message: string): string {
  const trimmed = message.replace(/\s+$/, '');
  if (trimmed === '' || trimmed.includes('\0'))
    throw new GitNameRefused('A commit or tag needs a message without NUL characters.');
  return `${trimmed}\n`;
}

function checkPaths(changes: readonly FileChange[]): void {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { path } of changes) {
    try {
      assertRepositoryPath(path);
      if (seen.has(path)) problems.push(`${JSON.stringify(path)} is changed twice.`);
      seen.add(path);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new GitNameRefused(problems.join(' '));
}

/** The mode that a file keeps. A link or submodule in its place is not written over: its contents mean something else. */
async function modeAt(mirror: Mirror, parent: string | undefined, path: string): Promise<string> {
  if (parent === undefined) return '100644';
  const entry = text((await askMirror(mirror, ['ls-tree', '-z', '--end-of-options', parent, path])).stdout);
  const mode = /^(\d{6}) /.exec(entry)?.[1] ?? '100644';
  if (mode === '100644' || mode === '100755') return mode;
  throw new GitNameRefused(
    `${JSON.stringify(path)} is a link, folder or submodule in ${parent}, not a file. Nothing was written.`,
  );
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8').trim();
}
