import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/**
 * Runs `work` while no other process of this machine does for the same file (a `FILE.lock` beside it says whose
 * turn it is). The lock of a process that died is broken by exactly one of those who wait.
 * @throws Error after 10 s of waiting
 */
export async function withFileLock<T>(
  options: { file: string; signal?: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const lock = `${options.file}.lock`;
  const mine = `${process.pid} ${randomUUID()}`;
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await createExclusively(lock, mine))) {
    options.signal?.throwIfAborted();
    if (Date.now() > deadline) {
      throw new Error(`${lock} has been held for 10 s; if no windlass process runs, delete it.`);
    }
    await breakIfDead(lock);
    await sleep(10);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function breakIfDead(lock: string): Promise<void> {
  const holder = await readFile(lock, 'utf8').catch(() => '');
  const [pid, nonce] = holder.split(' ');
  if (!pid || !nonce || !/^[0-9a-f-]{36}$/.test(nonce) || isAlive(Number(pid))) return;
  // Only who creates this file may break this very lock, so that a successor's lock is never taken for it.
  const right = `${lock}.${nonce}`;
  if (!(await createExclusively(right, ''))) return;
  if ((await readFile(lock, 'utf8').catch(() => '')) === holder) await rm(lock, { force: true });
  await rm(right, { force: true });
}

async function createExclusively(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
