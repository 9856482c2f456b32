import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../network/free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Where `.ci/run` puts twine and pypiserver. */
export const PYTHON_TOOLS = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'windlass',
  'python-index',
  'bin',
);

/** Whether they are here; in continuous integration they have to be. */
export const pypiInstalled = existsSync(join(PYTHON_TOOLS, 'pypi-server')) || process.env['CI'] === 'true';

/** A real Python package index (pypiserver) to which everybody may upload, each file once. */
export async function startPypi(): Promise<ServerProcess & { url: string }> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = await startServerProcess({
    name: 'pypiserver',
    prepare: async (folder) => ({
      command: join(PYTHON_TOOLS, 'pypi-server'),
      args: [
        'run',
        '-p',
        String(port),
        '-i',
        '127.0.0.1',
        '-a',
        '.',
        '-P',
        '.',
        '--disable-fallback',
        folder,
      ],
    }),
    isReady: async () => (await fetch(url)).ok,
  });
  return { ...server, url };
}
