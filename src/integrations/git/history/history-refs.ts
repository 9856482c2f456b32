/** Finds out what a question about history is asked of: the repository, the commit to release, the tags, the origin. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { webAddress } from '../../../release/plan/links/web-address.ts';
import { askClone } from '../ask-clone.ts';
import { HistoryError } from '../git-errors.ts';
import { NO_TAGS, readTagCommits, type TagCommits } from './tag-commits.ts';

/** A repository and a commit in it, looked up once for every reading of its history. */
export interface OpenedRepository {
  repository: string;
  /** What `head` is called by whoever asked, for sentences. */
  to: string;
  /** Full id of the commit that would be released. */
  head: string;
  /** Full id of the release tag's commit to count from, where one was named. */
  from: string | null;
  /** The commits that tags point at; empty where `from` was named, since no other tag matters then. */
  tagCommits: TagCommits;
  /** Commits at which a shallow clone ends, or null when the clone is whole. */
  shallow: ReadonlySet<string> | null;
  /** Web address of the origin, or null. */
  repositoryUrl: string | null;
}

/**
 * Looks a repository up; every question is asked at the same time.
 *
 * @param question.from release tag to count from; then no other tag is read, unless `allTags`
 * @throws HistoryError when there is no repository, no commit, or no such ref
 */
export async function openRepository(question: {
  repository: string;
  to?: string | null;
  from?: string | null;
  allTags?: boolean;
}): Promise<OpenedRepository> {
  const { repository } = question;
  const to = question.to ?? 'HEAD';
  const from = question.from ?? null;
  // The usual question needs no look-up of refs: HEAD comes with the tags.
  const usual = to === 'HEAD' && from === null;
  const [refs, place, commits, named, repositoryUrl] = await Promise.all([
    from === null || question.allTags === true ? readRefs(repository) : NO_REFS,
    locate(repository),
    usual ? null : resolveCommits(repository, [to], false),
    from === null ? null : resolveCommits(repository, [from], true),
    readOrigin(repository),
  ]).catch(async (error: unknown) => {
    // Which of the parallel questions failed first is chance; "not a repository" explains all of them.
    await askPlace(repository);
    throw error;
  });
  const head = usual ? refs.head : commits?.get(to);
  if (head == null) {
    await askPlace(repository);
    throw new HistoryError(missingRef(to, '--to'));
  }
  const found = from === null ? null : named?.get(from);
  if (from !== null && found === undefined) throw new HistoryError(missingRef(from, '--from'));
  const { tagCommits } = refs;
  return { repository, to, head, from: found ?? null, tagCommits, shallow: place.shallow, repositoryUrl };
}

/** What a repository's HEAD and its tags point at. */
interface Refs {
  /** Commit id of HEAD, or null where it has none yet, or where there is no repository at all. */
  head: string | null;
  tagCommits: TagCommits;
}

const NO_REFS: Refs = { head: null, tagCommits: NO_TAGS };

/** Reads HEAD and all tags with `show-ref --dereference`, which knows tags' commits without opening each tag. */
async function readRefs(repository: string): Promise<Refs> {
  const { stdout } = await askClone(repository, ['show-ref', '--head', '--tags', '--dereference']);
  const [head = ''] = stdout.slice(0, stdout.indexOf(' HEAD\n') + 1).split(' ', 1);
  return { head: head === '' ? null : head, tagCommits: readTagCommits(stdout) };
}

interface RepositoryPlace {
  /** Commits at which a shallow clone ends, or null when the clone is whole. */
  shallow: Set<string> | null;
}

/** Reads where a shallow clone ends. Where git keeps its files in the usual place, without asking it. */
async function locate(repository: string): Promise<RepositoryPlace> {
  const folder = ['.git', '.'].find((name) =>
    ['HEAD', 'objects', 'refs'].every((part) => existsSync(join(repository, name, part))),
  );
  return folder === undefined ? await askPlace(repository) : readShallow(join(repository, folder, 'shallow'));
}

/** Makes sure that there is a repository, wherever its files are. */
async function askPlace(repository: string): Promise<RepositoryPlace> {
  const question = ['rev-parse', '--is-shallow-repository', '--git-path', 'shallow'];
  const result = await askClone(repository, question);
  const [shallow = '', file = ''] = result.stdout.trimEnd().split('\n');
  if (shallow !== 'true' && shallow !== 'false') {
    const why = /dubious ownership/.test(result.stderr)
      ? `git refuses to read ${repository}, since it belongs to another user: ${result.stderr.split('\n')[0]}`
      : `${repository} is not inside a git repository.`;
    throw new HistoryError(`${why} Nothing was changed. Name a repository with --repo.`);
  }
  if (shallow !== 'true') return { shallow: null };
  return readShallow(file.startsWith('/') ? file : join(repository, file));
}

function readShallow(file: string): RepositoryPlace {
  if (!existsSync(file)) return { shallow: null };
  const ends = readFileSync(file, 'utf8').split('\n');
  return { shallow: new Set(ends.filter((line) => line !== '')) };
}

/**
 * Commit ids of refs, as far as they exist. Names go in by standard input, so that none can be an option. Of a branch
 * and a tag of the same name, the branch is meant by `--to`, and the tag by `--from`, which names a release.
 */
async function resolveCommits(
  repository: string,
  refs: readonly string[],
  tagsFirst: boolean,
): Promise<Map<string, string>> {
  const questions: { ref: string; spec: string }[] = [];
  for (const ref of refs) {
    if (ref === '' || ref.startsWith('-') || /[\u0000-\u0020\u007f]/.test(ref)) {
      throw new HistoryError(`"${ref}" is not the name of a branch, tag or commit. Nothing was changed.`);
    }
    // Last as git itself reads it, for abbreviated ids and steps such as HEAD~1.
    const specs = /^(?:HEAD|refs\/.*|[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)
      ? [ref]
      : [
          ...(tagsFirst
            ? [`refs/tags/${ref}`, `refs/heads/${ref}`]
            : [`refs/heads/${ref}`, `refs/tags/${ref}`]),
          `refs/remotes/${ref}`,
          `refs/remotes/origin/${ref}`,
          ref,
        ];
    questions.push(...specs.map((spec) => ({ ref, spec: `${spec}^{commit}` })));
  }
  const result = await askClone(repository, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    input: `${questions.map((question) => question.spec).join('\n')}\n`,
  });
  if (result.code !== 0)
    throw new HistoryError(`git could not look up ${refs.join(' and ')}: ${result.stderr}`);
  const commits = new Map<string, string>();
  result.stdout
    .trimEnd()
    .split('\n')
    .forEach((line, index) => {
      const ref = questions[index]?.ref;
      const [sha = '', type] = line.split(' ');
      if (type === 'commit' && ref !== undefined && !commits.has(ref)) commits.set(ref, sha);
    });
  return commits;
}

/** @throws HistoryError when the commit has no such folder */
export async function requireFolder(
  repository: string,
  head: string,
  path: string,
  to: string,
): Promise<void> {
  const result = await askClone(repository, ['cat-file', '--batch-check=%(objecttype)'], {
    input: `${head}:${path}\n`,
  });
  if (!/^(?:tree|blob)$/m.test(result.stdout)) {
    throw new HistoryError(
      `There is no ${path} in ${to}. Write the path from the top of the repository, such as packages/shop.`,
    );
  }
}

async function readOrigin(repository: string): Promise<string | null> {
  const result = await askClone(repository, ['config', '--get', 'remote.origin.url']);
  return result.code === 0 ? webAddress(result.stdout) : null;
}

function missingRef(ref: string, option: string): string {
  if (ref === 'HEAD') return 'This repository has no commit yet, so there is nothing to release.';
  return `${option} ${ref}: there is no such branch, tag or commit in this repository. Nothing was changed.`;
}
