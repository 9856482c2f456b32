import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real server in a process and a folder of its own. */
export interface ServerProcess {
  folder: string;
  /** The last output, for a failing test's message. */
  output(): string;
  /** Kills it as a power cut would, and keeps its folder. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port, after `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server and resolves once `isReady` does; throws with its output if it ends before or takes 30 s. */
export async function startServerProcess(options: {
  name: string;
  /** Called with the server's own temporary folder, before the first start. */
  prepare(folder: string): Promise<{ command: string; args: string[]; env?: NodeJS.ProcessEnv }>;
  isReady(): Promise<boolean>;
}): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), `windlass-${options.name}-`));
  const program = await options.prepare(folder);
  let tail = '';
  let child: ChildProcess | undefined;
  // A test run that ends early takes its servers along.
  const endWithUs = (): void => void child?.kill('SIGKILL');
  process.once('exit', endWithUs);
  await start();

  async function start(): Promise<void> {
    const started = spawn(program.command, program.args, {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, ...program.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let failed: Error | undefined;
    started.once('error', (error) => {
      failed = error;
    });
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk) => {
        tail = (tail + chunk).slice(-4000);
      });
    }
    const deadline = Date.now() + 30_000;
    while (!(await options.isReady().catch(() => false))) {
      if (failed || started.exitCode !== null || Date.now() > deadline) {
        started.kill('SIGKILL');
        await rm(folder, { recursive: true, force: true });
        throw new Error(`${options.name} did not start: ${failed?.message ?? ''}\n${tail}`);
      }
      await sleep(30);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  return {
    folder,
    output: () => tail,
    kill: () => end('SIGKILL'),
    restart: start,
    stop: async () => {
      await end('SIGTERM');
      process.removeListener('exit', endWithUs);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
