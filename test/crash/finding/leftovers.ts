import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processesOf } from '../../support/processes-of.ts';
import { waitUntil } from '../process/wait.ts';

/**
 * What is left of worlds when they are over: processes that belong to their folders (by command line, working folder
 * or environment), and checkouts and locks in their work folders. Processes that are being ended get a few seconds.
 */
export async function findLeftovers(folders: readonly string[]): Promise<string[]> {
  const processes = () => folders.flatMap(processesOf);
  await waitUntil('processes to be gone', () => processes().length === 0, 20_000).catch(() => undefined);
  const found = processes().map((pid) => `process ${pid} (${commandOf(pid)})`);
  for (const folder of folders) {
    const work = join(folder, 'work');
    found.push(...listFolder(join(work, 'checkouts')).map((name) => `checkout ${name} in ${folder}`));
    found.push(...listDeep(work).map((name) => `lock ${name} in ${folder}`));
  }
  return found;
}

/** What children left in the folder that was their TMPDIR; Node's own cache of compiled code is meant to stay. */
export function findTemporaryFiles(temporary: string): string[] {
  return listFolder(temporary)
    .filter((name) => !name.includes('compile-cache'))
    .map((name) => `temporary ${name}`);
}

function listFolder(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function listDeep(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.lock$/.test(name));
}

/** What a process was started as, at most 160 characters; `gone` when it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 160);
  } catch {
    return 'gone';
  }
}
