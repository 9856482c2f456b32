/** What a repository says of itself: files of its work tree, tags, branch and remote. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askClone } from '../../integrations/git/ask-clone.ts';
import { CliProblem } from '../line/cli-problem.ts';
import { BrokenFile, type Data, readData } from './read-data.ts';

export interface Repository {
  top: string;
  /** Every file that git knows, from the top. */
  files: string[];
  tags: string[];
  /** The branch that others see as the main one, else the one that is checked out. */
  branch: string | null;
  remote: string | null;
  hasCommits: boolean;
  /** A login for whoever runs this, by the name that their commits have; null where git knows none. */
  self: string | null;
  /** What a file holds, or null where there is no such file. @throws BrokenFile where it cannot be read */
  text(file: string): string | null;
  /** The object in a JSON or YAML file, or null where there is no such file. @throws BrokenFile */
  data(file: string): Data | null;
}

/**
 * Looks at the repository that a folder lies in; nothing is fetched or changed.
 * @throws CliProblem where it is in no work tree of git
 */
export async function lookAtRepository(folder: string): Promise<Repository> {
  const ask = async (...args: string[]): Promise<string | null> => {
    const { code, stdout } = await askClone(folder, args);
    return code === 0 && stdout.trim() !== '' ? stdout.trim() : null;
  };
  const top = await ask('rev-parse', '--show-toplevel');
  if (top === null) {
    throw new CliProblem(`${folder} is in no work tree of git, and Windlass releases from one.`, {
      hint: 'Run it inside of a clone, or "git init" first. Nothing was changed.',
    });
  }
  const [listed, tags, shared, current, remote, head, name] = await Promise.all([
    askClone(top, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']),
    ask('for-each-ref', '--format=%(refname:strip=2)', 'refs/tags'),
    ask('symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'),
    ask('symbolic-ref', '--quiet', '--short', 'HEAD'),
    ask('config', '--get', 'remote.origin.url'),
    ask('rev-parse', '--verify', '--quiet', 'HEAD'),
    ask('config', '--get', 'user.name'),
  ]);
  return {
    top,
    files: listed.stdout.split('\0').filter((file) => file !== '' && existsSync(join(top, file))),
    tags: tags?.split('\n') ?? [],
    branch: shared?.replace(/^origin\//, '') ?? current,
    remote,
    hasCommits: head !== null,
    self: name === null ? null : toLogin(name),
    text: (file) => readText(top, file),
    data: (file) => {
      const text = readText(top, file);
      return text === null ? null : readData(file, text);
    },
  };
}

/** `Ada Obi` is `ada-obi`; null where nothing of a name can stand in a login. */
function toLogin(name: string): string | null {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 39)
      .replace(/^-+|-+$/g, '') || null
  );
}

function readText(top: string, file: string): string | null {
  try {
    return readFileSync(join(top, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new BrokenFile(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The first of some files that is there. */
export function firstOf(repository: Repository, names: readonly string[]): string | undefined {
  return names.find((name) => repository.files.includes(name));
}

/** Whether the package at the top names another one among its dependencies. */
export function dependsOn(repository: Repository, name: string): boolean {
  const manifest = repository.data('package.json') ?? {};
  return ['dependencies', 'devDependencies'].some((key) => Object.hasOwn(Object(manifest[key]), name));
}
