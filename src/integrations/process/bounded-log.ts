import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** How much of a log is kept: this many bytes of its beginning and this many of its end. */
const KEPT_BYTES = 10 * 1024 * 1024;
const TAIL_CHARACTERS = 4_000;

/** What is known of a log file once it is closed. */
export interface LogSummary {
  file: string;
  /** Bytes that were written by the script (after masking), kept or not. */
  bytes: number;
  /** Whether the middle was left out, or the file could not be written to its end. */
  truncated: boolean;
  /** The last 4,000 characters or so, without control sequences. */
  tail: string;
  /** Why the file is not whole, when the disk refused it (full, read-only). The script's result still counts. */
  problem?: string;
}

export interface BoundedLog {
  write(bytes: Uint8Array): Promise<void>;
  /** The end of what was written so far, for people. */
  tail(): string;
  /** Writes the kept end and closes the file. */
  close(): Promise<LogSummary>;
}

/**
 * Opens a log file that keeps the beginning and the end of what is written and leaves out the middle, with memory for
 * the end only. A disk that refuses the log does not stop the writer: a deployment is worth more than its log.
 */
export async function openBoundedLog(file: string, keptBytes: number = KEPT_BYTES): Promise<BoundedLog> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'w', 0o600);
  const headLimit = Math.floor(keptBytes / 2);
  const end = createRing(keptBytes - headLimit);
  const recent = createRing(TAIL_CHARACTERS * 4);
  let headBytes = 0;
  let bytes = 0;
  let problem: string | undefined;

  const append = async (part: Uint8Array): Promise<void> => {
    if (part.length === 0 || problem !== undefined) return;
    try {
      await handle.appendFile(part);
    } catch (error) {
      problem = `the log could not be written: ${(error as Error).message}`;
    }
  };
  const tail = (): string => readableTail(recent.read());

  return {
    tail,
    async write(part) {
      bytes += part.length;
      recent.add(part);
      const head = part.subarray(0, Math.max(0, headLimit - headBytes));
      headBytes += head.length;
      end.add(part.subarray(head.length));
      await append(head);
    },
    async close() {
      const last = end.read();
      const leftOut = bytes - headBytes - last.length;
      if (leftOut > 0) await append(Buffer.from(`\n[… ${leftOut} bytes left out …]\n`));
      await append(last);
      await handle.close();
      const summary = { file, bytes, truncated: leftOut > 0 || problem !== undefined, tail: tail() };
      return problem === undefined ? summary : { ...summary, problem };
    },
  };
}

/** Text for people from the end of a log: whole characters, no control sequences, no marks that turn text around. */
export function readableTail(bytes: Uint8Array): string {
  const text = stripVTControlCharacters(Buffer.from(bytes).toString('utf8'))
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
  return text.length <= TAIL_CHARACTERS ? text : text.slice(-TAIL_CHARACTERS).replace(/^[\udc00-\udfff]/, '');
}

/** Remembers the last bytes that were added, up to its size. */
function createRing(size: number): { add(part: Uint8Array): void; read(): Buffer } {
  // Grows by doubling, so that the many short logs do not each take the memory of a long one.
  let ring = Buffer.alloc(Math.min(size, 4_096));
  let filled = 0;
  let next = 0;
  const grow = (wanted: number): void => {
    const larger = Buffer.alloc(Math.min(size, Math.max(wanted, ring.length * 2)));
    ring.copy(larger, 0, 0, filled);
    ring = larger;
    next = filled;
  };
  return {
    add(part) {
      const kept = part.length > size ? part.subarray(part.length - size) : part;
      if (filled + kept.length > ring.length && ring.length < size) grow(filled + kept.length);
      const first = kept.subarray(0, ring.length - next);
      ring.set(first, next);
      ring.set(kept.subarray(first.length), 0);
      next = (next + kept.length) % ring.length;
      filled = Math.min(ring.length, filled + kept.length);
    },
    read() {
      return filled < ring.length
        ? Buffer.from(ring.subarray(0, filled))
        : Buffer.concat([ring.subarray(next), ring.subarray(0, next)]);
    },
  };
}
