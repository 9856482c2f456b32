import { mkdir } from 'node:fs/promises';
import { temporaryPath } from '../integrations/git/mirror/mirror.ts';
import { removeFolder } from '../integrations/process/remove-folder.ts';
import type { ActivityDeps } from './deps.ts';

/**
 * Gives `work` a fresh, private folder and removes it however that ends. It lies in the work folder under this
 * process's name, so that the next worker on this machine clears it away if this one is killed.
 */
export async function withScratch<T>(deps: ActivityDeps, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await temporaryPath({ folder: deps.installation.workFolder });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    await removeFolder(folder);
  }
}
