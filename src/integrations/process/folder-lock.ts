import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MINUTE_MS, nameDuration } from '../../release/duration.ts';
import { findOwner, nameOwner } from './process-owner.ts';

const POLL_MS = 40;
const REFRESH_MS = 10_000;
/** A holder on another machine that has not refreshed its lock for this long is taken for dead. */
const STALE_MS = MINUTE_MS;
const DEFAULT_PATIENCE_MS = 10 * MINUTE_MS;

/** Somebody else holds a lock for longer than we can wait. Nothing was done. */
export class LockBusy extends Error {
  override readonly name = 'LockBusy';
  readonly retryable = true;
  readonly outcome = 'unchanged';
  readonly advice = 'look whether a process of Windlass hangs on this machine, and end it';
}

export interface LockOptions {
  /** How long to wait for whoever holds it. Default: 10 minutes. */
  patienceMs?: number;
  signal?: AbortSignal;
  /** Called again and again while somebody else holds it. */
  onWait?: () => void;
}

/**
 * Runs `work` while no other process that asks for the same folder's lock does. A holder that was killed is found out
 * at once (by process id and start time; on another machine by a lock not refreshed for a minute) and its lock taken
 * over. Processes of several containers may share the folder.
 *
 * The lock is a sequence of numbered files: whoever creates the next number, by a link that only one can create, holds
 * the lock; the highest number counts. A released or abandoned number stays until the next is taken, so there is no
 * moment at which removing a dead holder's lock could remove a living one's.
 * @throws {LockBusy} after `patienceMs`; the signal's reason
 */
export async function withFolderLock<T>(
  folder: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await acquire(folder, options);
  const refresh = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), REFRESH_MS);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await release(file);
  }
}

const FREE = 'free';

async function acquire(folder: string, options: LockOptions): Promise<string> {
  const patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
  const until = performance.now() + patienceMs;
  const ticket = join(folder, `ticket-${nameOwner()}-${process.hrtime.bigint()}`);
  await writeFile(ticket, nameOwner(), { flag: 'wx', mode: 0o600 });
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const highest = (await listNumbers(folder)).at(-1) ?? 0;
      if (highest === 0 || (await isFree(join(folder, lockName(highest))))) {
        const mine = highest + 1;
        const taken = await link(ticket, join(folder, lockName(mine))).then(
          () => true,
          (error: NodeJS.ErrnoException) => {
            if (error.code === 'EEXIST') return false;
            throw error;
          },
        );
        if (taken) {
          const numbers = await listNumbers(folder);
          if (numbers.at(-1) === mine) {
            for (const old of numbers.slice(0, -1)) await rm(join(folder, lockName(old)), { force: true });
            await removeDeadTickets(folder);
            return join(folder, lockName(mine));
          }
          // While we looked, others took and released higher numbers: ours is one of the past.
          await rm(join(folder, lockName(mine)), { force: true });
        }
        continue;
      }
      if (performance.now() > until) {
        throw new LockBusy(
          `Another process has been using ${folder} for more than ${nameDuration(patienceMs)}. Nothing was done. Look whether a process of Windlass, or a git that it started, hangs there.`,
        );
      }
      options.onWait?.();
      await new Promise((done) => setTimeout(done, POLL_MS + Math.random() * POLL_MS));
    }
  } finally {
    await rm(ticket, { force: true });
  }
}

async function release(file: string): Promise<void> {
  const free = `${file}.${FREE}`;
  await writeFile(free, FREE, { mode: 0o600 });
  await rename(free, file);
}

async function isFree(file: string): Promise<boolean> {
  const [holder, found] = await Promise.all([
    readFile(file, 'utf8').catch(() => undefined),
    stat(file).catch(() => undefined),
  ]);
  // Gone: a higher number was taken meanwhile.
  if (holder === undefined || found === undefined) return false;
  if (holder === FREE) return true;
  const owner = findOwner(holder);
  return owner === 'dead' || (owner === 'elsewhere' && Date.now() - found.mtimeMs > STALE_MS);
}

/** What processes left that were killed while they waited. */
async function removeDeadTickets(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, holder] = /^ticket-(.+)$/.exec(name) ?? [];
    if (holder && findOwner(holder) === 'dead') await rm(join(folder, name), { force: true });
  }
}

const lockName = (number: number): string => `lock-${number}`;

async function listNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => /^lock-(\d+)$/.exec(name)?.slice(1) ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
