import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Record<string, string | undefined>;

/**
 * Windlass's cache folder: `$XDG_CACHE_HOME/windlass`, or `~/.cache/windlass`. Outside the checkout, so that a
 * Temporal that was built once serves every clone.
 */
export function locateCacheFolder(environment: Environment): string {
  const base = environment['XDG_CACHE_HOME'];
  // The XDG specification says that a relative path there must be ignored.
  if (base?.startsWith('/')) return join(base, 'windlass');
  return join(environment['HOME'] || homedir(), '.cache', 'windlass');
}

/** Folder of the Go module that pins what is built. */
export function locateCliModule(projectRoot: string): string {
  return join(projectRoot, 'tools', 'temporal-cli');
}

/**
 * Where the built binary of the pinned sources lies: the name carries a hash of `go.mod` and `go.sum`, so a
 * changed pin builds anew and an old checkout keeps finding its own.
 */
export async function locateBuiltBinary(environment: Environment, projectRoot: string): Promise<string> {
  const module = locateCliModule(projectRoot);
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, name)));
  const key = `built-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 16)}`;
  return join(locateCacheFolder(environment), 'temporal', key, 'temporal');
}

/** Folder into which the SDK downloads its own choice of the Temporal command line. */
export function locateDownloadFolder(environment: Environment): string {
  return join(locateCacheFolder(environment), 'temporal', `downloaded-${process.platform}-${process.arch}`);
}
