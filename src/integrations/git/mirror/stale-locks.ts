import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * git holds its lock files for moments. One that is older than this was left by a git that was killed, and would make
 * every later change of that ref fail.
 */
const STALE_MS = 60_000;

/**
 * Removes lock files of refs that a killed git left in a bare repository. Only to be called by the holder of the
 * mirror's own lock. Returns how many.
 */
export async function removeStaleLocks(gitDir: string): Promise<number> {
  const inRefs = await readdir(join(gitDir, 'refs'), { recursive: true });
  const names = [...(await readdir(gitDir)), ...inRefs.map((name) => join('refs', name))];
  let removed = 0;
  for (const name of names.filter((candidate) => candidate.endsWith('.lock'))) {
    const found = await stat(join(gitDir, name)).catch(() => undefined);
    if (!found?.isFile() || Date.now() - found.mtimeMs < STALE_MS) continue;
    await rm(join(gitDir, name), { force: true });
    removed += 1;
  }
  return removed;
}
