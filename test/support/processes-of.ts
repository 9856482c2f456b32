import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Every process that has to do with the folder, apart from this one: by command line, working folder or environment (a
 * program may give itself another name, as verdaccio does).
 */
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
