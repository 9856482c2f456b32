import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import { askGit, type GitOptions } from './ask-git.ts';
import { GitContentMissing } from './git-errors.ts';
import type { Mirror } from './mirror/mirror.ts';

/** A repository inside of another: which commit of it belongs where. */
export interface Submodule {
  path: string;
  url: string;
  sha: string;
}

/** The submodules of a checkout, with whole addresses. @throws {GitContentMissing} for one whose address cannot be used */
export async function listSubmodules(mirror: Mirror, folder: string): Promise<Submodule[]> {
  const staged = await askText(['ls-files', '--stage', '-z'], { cwd: folder });
  const links = staged.split('\0').flatMap((line) => {
    const [, sha, path] = /^160000 ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
    return sha === undefined || path === undefined ? [] : [{ sha, path }];
  });
  if (links.length === 0) return [];
  const urls = await readUrls(folder);
  return links.map(({ sha, path }) => {
    const written = urls.get(path);
    if (written === undefined)
      throw missing(path, '.gitmodules does not say where it is fetched from', 'add its url to .gitmodules');
    return { sha, path, url: resolveUrl(mirror.url, written, path) };
  });
}

async function readUrls(folder: string): Promise<Map<string, string>> {
  const args = ['config', '--file', '.gitmodules', '-z', '--get-regexp', '^submodule\\..*\\.(path|url)$'];
  const text = await askText(args, { cwd: folder }).catch(() => '');
  const named = new Map<string, { path?: string; url?: string }>();
  for (const entry of text.split('\0').filter(Boolean)) {
    const [, name = '', key = '', value = ''] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(entry) ?? [];
    named.set(name, { ...named.get(name), [key]: value });
  }
  return new Map([...named.values()].flatMap(({ path, url }) => (path && url ? [[path, url] as const] : [])));
}

/** Relative addresses start from the repository's own. Only a repository of this machine may name another one on it. */
function resolveUrl(own: string, url: string, path: string): string {
  if (/^\.{1,2}\//.test(url)) {
    const [, head = '', tail = ''] = /^([a-z]+:\/\/[^/]+|[^/]*:|)(.*)$/s.exec(own) ?? [];
    const parts = tail.replace(/\/+$/, '').split('/');
    for (const part of url.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.' && part !== '') parts.push(part);
    }
    return head + parts.join('/');
  }
  const isLocal = (address: string) => address.startsWith('/') || address.startsWith('file:');
  if (isLocal(url) && !isLocal(own))
    throw missing(
      path,
      `its address ${url} is a folder of this machine`,
      'give it an address in .gitmodules',
    );
  return url;
}

/** Whether a submodule's host is the repository's own, whose token may then be used for it. */
export function isSameHost(one: string, other: string): boolean {
  const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : undefined);
  return hostOf(one) !== undefined && hostOf(one) === hostOf(other);
}

/**
 * Puts the content of Git LFS in place of its pointers.
 * @throws {GitContentMissing} naming what is still a pointer afterwards
 */
export async function fillLargeFiles(mirror: Mirror, folder: string): Promise<void> {
  if (!(await usesLargeFiles(folder))) return;
  const pointers = await listPointers(folder);
  if (pointers.length === 0) return;
  const credential = mirror.token === undefined ? undefined : { url: mirror.url, token: mirror.token };
  // The filters go into the checkout's own configuration: without them git takes the content for an edit.
  const problem = await askText(['lfs', 'install', '--local', '--skip-repo'], { cwd: folder })
    .then(() => askText(['lfs', 'pull'], { cwd: folder, timeoutMs: LIMITS_MS.transfer, credential }))
    .then(
      () => undefined,
      (error: Error) => error.message,
    );
  const left = await listPointers(folder);
  if (left.length === 0) return;
  const names = `${left.slice(0, 3).join(', ')}${left.length > 3 ? ` and ${left.length - 3} more` : ''}`;
  const noProgram = problem !== undefined && /is not a git command/.test(problem);
  throw missing(
    names,
    noProgram
      ? 'they are in Git LFS, and git-lfs is not installed'
      : `they are in Git LFS: ${problem ?? 'not there'}`,
    noProgram
      ? 'install git-lfs on the machines of the workers'
      : 'see that the content was pushed (git lfs push)',
  );
}

async function usesLargeFiles(folder: string): Promise<boolean> {
  // git takes paths literally here (`askGit`), and only this list is by a pattern.
  const files = await askText(['ls-files', '-z', '--', ':(glob)**/.gitattributes'], {
    cwd: folder,
    env: { GIT_LITERAL_PATHSPECS: '0' },
  });
  for (const file of files.split('\0').filter(Boolean)) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    if (/\bfilter=lfs\b/.test(text)) return true;
  }
  return false;
}

/** Files that hold a pointer and are said to be in Git LFS. */
async function listPointers(folder: string): Promise<string[]> {
  const first = 'version https://git-lfs.github.com/spec/v1';
  const grep = ['grep', '-lz', '--fixed-strings', '-e', first];
  const found = (await askText(grep, { cwd: folder, acceptExitCodes: [0, 1] })).split('\0').filter(Boolean);
  if (found.length === 0) return [];
  const input = `${found.join('\0')}\0`;
  const answer = await askText(['check-attr', '-z', '--stdin', 'filter'], { cwd: folder, input });
  const fields = answer.split('\0');
  return found.filter((_, index) => fields[index * 3 + 2] === 'lfs');
}

function missing(what: string, why: string, advice: string): GitContentMissing {
  return new GitContentMissing(`The commit is not whole here: ${what} has no content, since ${why}.`, advice);
}

async function askText(args: readonly string[], options: GitOptions): Promise<string> {
  return (await askGit(args, options)).stdout.toString('utf8');
}
