/**
 * Keeps a script apart from everything else that runs as the same user: by bubblewrap, in a process namespace of its own
 * and with what is none of its business out of sight. Its network, its user and the rest of the machine stay as they are.
 */
import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { execa } from 'execa';
import { findProgram } from './check-script.ts';
import { searchPath } from './search-path.ts';

/** Whether this machine can keep scripts apart, found out once for each worker. */
export type Isolation = { program: string } | { problem: string };

/** What a script sees of the folders that Windlass works in. Absolute paths; what is not there is left out. */
export interface Sight {
  /** Folders that are empty for it, and files that it cannot read. */
  hidden: string[];
  /** Below hidden folders, what it may read all the same. */
  readable: string[];
  /** Below hidden folders, what is its own. */
  writable: string[];
}

/** With these, a script that runs as root could look past what is hidden. */
const DROPPED = [
  'SYS_ADMIN',
  'SYS_PTRACE',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_BOOT',
  'MKNOD',
  'DAC_READ_SEARCH',
].flatMap((capability) => ['--cap-drop', `CAP_${capability}`]);

/** No `--die-with-parent`: the shim inside ends its script politely when the worker is gone. */
const APART = ['--unshare-pid', '--unshare-ipc', ...DROPPED, '--dev-bind', '/', '/', '--proc', '/proc'];

const PROBE_MS = 10_000;

/** Tries it, since much can stand against it: no bubblewrap, no user namespaces, a container that masks /proc. */
export async function probeIsolation(path: string = searchPath()): Promise<Isolation> {
  if (process.platform !== 'linux') return { problem: 'only Linux can' };
  const program = await findProgram('bwrap', path);
  if (program === undefined) return { problem: 'bubblewrap (bwrap) is not installed' };
  const tried = await execa(program, [...APART, '--', '/bin/sh', '-c', 'test -r /proc/self/environ'], {
    env: { PATH: path },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: PROBE_MS,
  });
  if (tried.exitCode === 0) return { program };
  const said = String(tried.stderr ?? '')
    .trim()
    .split('\n')
    .at(-1);
  return { problem: `bubblewrap cannot here: ${said || 'it gave no reason'}` };
}

/** The arguments for bubblewrap before the command that runs apart. */
export async function isolate({ hidden, readable, writable }: Sight): Promise<string[]> {
  const hiding = await Promise.all(hidden.map(hide));
  const showing = [...(await bind('--ro-bind', readable)), ...(await bind('--bind', writable))];
  // Folders first: a file in one of them is hidden already, and could not be covered any more.
  const folders = hiding.filter(({ isFolder }) => isFolder);
  const isCovered = (path: string) => folders.some((folder) => path.startsWith(`${folder.path}${sep}`));
  const files = hiding.filter(({ isFolder, path }) => !isFolder && path !== '' && !isCovered(path));
  return [
    ...APART,
    ...folders.flatMap(({ path }) => ['--tmpfs', path]),
    ...files.flatMap(({ path }) => ['--ro-bind', '/dev/null', path]),
    ...showing,
    '--',
  ];
}

async function hide(path: string): Promise<{ path: string; isFolder: boolean }> {
  try {
    const real = await realpath(path);
    return { path: real, isFolder: (await stat(real)).isDirectory() };
  } catch {
    return { path: '', isFolder: false };
  }
}

async function bind(how: '--bind' | '--ro-bind', paths: string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
  return found.flatMap((path) => (path === undefined ? [] : [how, path, path]));
}
