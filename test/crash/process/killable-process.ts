import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerProcessOptions } from './worker-process.ts';

const WORKER = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

/** A child process that may be killed at any time. */
export interface KillableProcess {
  pid: number;
  /** Settles when it is gone: the signal that ended it, or its exit code as text. */
  gone: Promise<string>;
  isGone(): boolean;
  output(): string;
  kill(signal?: NodeJS.Signals): void;
  /** Ends it in order. */
  stop(): Promise<void>;
}

export interface KillableEnvironment {
  /** Becomes the child's TMPDIR: whatever is left there at the end is a leftover. */
  temporary: string;
}

/** Starts a worker process and waits until it polls. */
export async function startWorkerProcess(
  options: WorkerProcessOptions,
  environment: KillableEnvironment,
): Promise<KillableProcess> {
  return await startKillable([WORKER, JSON.stringify(options)], /^ready$/m, environment);
}

/** Starts a Node program and waits until it prints what `ready` matches. */
export async function startKillable(
  args: string[],
  ready: RegExp,
  environment: KillableEnvironment,
): Promise<KillableProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: `${environment.temporary}-home`, TMPDIR: environment.temporary },
  });
  let output = '';
  const gone = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  const isUp = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-8_000);
        if (ready.test(output)) resolve();
      });
    }
  });
  endWithUs(child);
  await Promise.race([
    isUp,
    gone.then((how) => Promise.reject(new Error(`a process ended (${how}) before it was up:\n${output}`))),
  ]);
  return {
    pid: child.pid ?? 0,
    gone,
    isGone: () => child.exitCode !== null || child.signalCode !== null,
    output: () => output,
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await gone;
      clearTimeout(forced);
    },
  };
}

function endWithUs(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
}
