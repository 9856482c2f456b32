import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from './wait.ts';

/**
 * What is left of a world when it is over: processes that belong to its folder (by command line, working folder or
 * environment), files in its temporary folder, and checkouts and locks in its work folders. Processes that are being
 * ended get a few seconds to be gone.
 */
export async function findLeftovers(root: string, workFolders: string[]): Promise<string[]> {
  await waitUntil('processes to be gone', () => processesOf(root).length === 0, 8_000).catch(() => undefined);
  const files = [join(root, 'tmp'), ...workFolders.map((folder) => join(folder, 'checkouts'))].flatMap(
    (folder) =>
      existsSync(folder) ? readdirSync(folder).map((name) => `${folder.slice(root.length + 1)}/${name}`) : [],
  );
  const locks = workFolders.flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.lock$/.test(name))
      : [],
  );
  return [
    ...processesOf(root).map((pid) => `process ${pid} (${commandOf(pid)})`),
    ...files.filter((name) => !/node-compile-cache/.test(name)).map((name) => `file ${name}`),
    ...locks.map((name) => `lock ${name}`),
  ];
}

/** Every process that has to do with the folder, apart from this one. */
export function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      const at = `/proc/${pid}`;
      try {
        if (readFileSync(`${at}/stat`, 'utf8').split(') ').at(-1)?.startsWith('Z')) return false;
        return (
          readFileSync(`${at}/cmdline`, 'utf8').includes(folder) ||
          readlinkSync(`${at}/cwd`).startsWith(folder) ||
          readFileSync(`${at}/environ`, 'utf8').includes(folder)
        );
      } catch {
        // It ended while it was looked at, or is somebody else's.
        return false;
      }
    });
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 160);
  } catch {
    return 'gone';
  }
}
