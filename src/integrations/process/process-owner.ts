import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The name of this process, for marking what it holds (locks, temporary folders) so that others can tell whether its
 * owner still lives: `<host>-<pid>-<start time>`. The start time tells it from a later process with the same id, which
 * is the rule rather than the exception in containers. Safe as part of a file name.
 */
export function nameOwner(): string {
  return `${hostMark()}-${process.pid}-${startTime(process.pid) ?? '0'}`;
}

/**
 * Whether the process that is named at the beginning of `mark` still lives; 'elsewhere' when it belongs to another
 * machine or container, of which nothing can be known from here, or when the mark is not one of ours.
 */
export function findOwner(mark: string): 'alive' | 'dead' | 'elsewhere' {
  const [, host, pid, start] = /^([0-9a-f]{12})-(\d{1,10})-(\d{1,20})(?:-|$)/.exec(mark) ?? [];
  if (host !== hostMark() || pid === undefined) return 'elsewhere';
  const running = startTime(Number(pid));
  if (running !== undefined) return running === start ? 'alive' : 'dead';
  return isAlive(Number(pid)) ? 'alive' : 'dead';
}

/** Whether a process with this id exists on this machine, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Containers of one machine have host names of their own, and so do their process ids. */
function hostMark(): string {
  let boot = '';
  try {
    boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    // Not Linux: the host's name has to do.
  }
  return createHash('sha256').update(`${hostname()}\n${boot}`).digest('hex').slice(0, 12);
}

/** In clock ticks since boot (field 22 of `/proc/<pid>/stat`); undefined where there is no such file. A zombie is dead. */
function startTime(pid: number): string | undefined {
  try {
    // The name in parentheses may itself hold spaces and parentheses.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return fields[0] === 'Z' ? '-1' : fields[19];
  } catch {
    return undefined;
  }
}
