import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs `work` while holding the lock file at `path`. Another process on this machine that holds it is waited
 * for; a lock whose holder is dead is taken over. `onWait` is called about once a second with the holder's
 * process id. The lock saves work; correctness never rests on it (results are renamed into place).
 */
export async function withBuildLock<T>(
  path: string,
  onWait: (holder: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  while (!(await tryToTake(path))) {
    const holder = await readHolder(path);
    if (holder === undefined || !isAlive(holder)) {
      await rm(path, { force: true });
      continue;
    }
    onWait(holder);
    await delay(1_000);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryToTake(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock; an empty file belongs to one that has just created it, so look twice. */
async function readHolder(path: string): Promise<number | undefined> {
  for (let look = 0; look < 2; look += 1) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (/^\d+$/.test(text)) return Number(text);
    await delay(200);
  }
  return undefined;
}

/** Whether a process with this id exists on this machine, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
