import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../../integrations/process/process-owner.ts';
import { TEMPORAL_MS } from '../../release/policy/inner-times.ts';
import { TemporalProblem } from '../temporal-problem.ts';
import { runCommand } from './run-command.ts';

/** Which server uses the database of a folder, kept beside it as `temporal-server.json`. */
export interface ServerRecord {
  pid: number;
  host: string;
  port: number;
  uiUrl?: string;
}

const RECORD_FILE = 'temporal-server.json';

/** Notes the running server, whole or not at all. */
export async function writeServerRecord(folder: string, record: ServerRecord): Promise<void> {
  const temporary = join(folder, `${RECORD_FILE}.${process.pid}.part`);
  await writeFile(temporary, `${JSON.stringify(record)}\n`);
  await rename(temporary, join(folder, RECORD_FILE));
}

/** Removes the note of a server that has ended. */
export async function removeServerRecord(folder: string): Promise<void> {
  await rm(join(folder, RECORD_FILE), { force: true });
}

/**
 * Waits until no other server uses the database in `folder`: one whose owner was killed is about to end.
 * @throws TemporalProblem when it is still there after 15 s, because two servers would spoil the database.
 */
export async function waitForPreviousServer(folder: string): Promise<void> {
  const record = await readServerRecord(folder);
  if (record === undefined) return;
  const deadline = Date.now() + TEMPORAL_MS.takeover;
  while (await isStillServing(record)) {
    if (Date.now() > deadline) {
      throw new TemporalProblem(
        `A Temporal server (process ${record.pid}, ${record.host}:${record.port}) already uses the database in ${folder}. ` +
          'Nothing was started. Use that server (TEMPORAL_ADDRESS), stop whoever started it, or choose another folder.',
      );
    }
    await delay(100);
  }
  await removeServerRecord(folder);
}

async function readServerRecord(folder: string): Promise<ServerRecord | undefined> {
  const text = await readFile(join(folder, RECORD_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<ServerRecord>;
    if (typeof value.pid !== 'number' || typeof value.port !== 'number') return undefined;
    return {
      pid: value.pid,
      port: value.port,
      host: typeof value.host === 'string' ? value.host : '127.0.0.1',
    };
  } catch {
    return undefined;
  }
}

/**
 * Process ids are used again, so the id alone proves nothing: it must be a development server, too. Its port
 * says less: it closes before the server has let go of its database.
 */
async function isStillServing(record: ServerRecord): Promise<boolean> {
  if (!isAlive(record.pid)) return false;
  return (await readCommandLine(record.pid)).includes('start-dev');
}

async function readCommandLine(pid: number): Promise<string> {
  const fromKernel = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (fromKernel !== undefined) return fromKernel;
  // Systems without /proc, such as macOS.
  const environment = { PATH: '/bin:/usr/bin' };
  const listed = await runCommand('ps', ['-o', 'command=', '-p', String(pid)], {
    environment,
    timeoutMs: TEMPORAL_MS.processes,
  });
  return listed.stdout;
}
