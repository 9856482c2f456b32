import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFolderLock } from '../../../integrations/process/folder-lock.ts';
import type { ChannelNotice, ChannelTools } from '../channel.ts';

const PATIENCE_MS = 10_000;

/** One line of a notice file: a channel for set-ups without Slack or mail. */
export interface Notice {
  /** Appears once in the file, however often it is appended. */
  id: string;
  /** ISO 8601. */
  time: string;
  title: string;
  text: string;
  [field: string]: unknown;
}

/**
 * Appends a notice as a line of JSON unless its id is there already, also when several processes try at once.
 * A line that a crash left half written is closed off and never counts.
 * @throws {LockBusy} after 10 s of waiting for others; an error of the file system
 */
export async function appendNotice(options: {
  file: string;
  notice: Notice;
  signal?: AbortSignal;
}): Promise<'appended' | 'already_there'> {
  const append = async () => {
    const before = await readFile(options.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    if (before.split('\n').some((line) => readId(line) === options.notice.id)) return 'already_there';
    const closeTorn = before === '' || before.endsWith('\n') ? '' : '\n';
    const file = await open(options.file, 'a', 0o640);
    try {
      await file.appendFile(`${closeTorn}${JSON.stringify(options.notice)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    return 'appended';
  };
  // Beside the file, where workers of other containers that write it find it too.
  return await withFolderLock(`${options.file}.locks`, append, {
    patienceMs: PATIENCE_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function readId(line: string): unknown {
  try {
    return (JSON.parse(line) as Notice | null)?.id;
  } catch {
    return undefined;
  }
}

/** Keeps a notice in the file; its folder is made. @throws Error of the file system */
export async function sendNotice(
  { id, subject: title, text }: ChannelNotice,
  { file }: { file: string },
  { signal }: ChannelTools,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await appendNotice({ file, notice: { id, time: new Date().toISOString(), title, text }, signal });
}
