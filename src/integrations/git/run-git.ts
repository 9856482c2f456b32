import { spawn } from 'node:child_process';

/** A git that was asked to end and does not is killed after this time. */
const GRACE_MS = 5_000;
const LARGEST_OUTPUT_BYTES = 256 * 1024 * 1024;

export interface GitRun {
  cwd: string;
  /** All that git gets: nothing of this process's environment is added. */
  env: NodeJS.ProcessEnv;
  input?: string | Uint8Array;
  /** Gets the output as it comes instead of `stdout`; returning false ends git early, which is no failure. */
  onChunk?: (chunk: Buffer) => boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** How a git ended. */
export interface GitEnd {
  /** Null where a signal ended it; 0 where `onChunk` had enough. */
  code: number | null;
  stdout: Buffer;
  /** Without white space around it. */
  stderr: string;
  timedOut: boolean;
}

/**
 * Starts git, by argument list and without a shell, and waits for its end: the one place that does, whoever asks. What
 * it may see and what its exit codes mean say those who call it: `askGit` for what Windlass does by itself, `askClone`
 * for reading a person's own clone.
 * @throws the signal's own reason where it ended git, so that a cancelled activity is seen as cancelled; an error of
 * node's (`ENOENT`) where git could not be started, or wrote more than 256 MiB
 */
export function runGit(args: readonly string[], run: GitRun): Promise<GitEnd> {
  return new Promise((resolve, reject) => {
    run.signal?.throwIfAborted();
    const child = spawn('git', args, {
      cwd: run.cwd,
      env: run.env,
      stdio: [run.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let ended: 'enough' | 'timeout' | 'too large' | 'called off' | undefined;
    let size = 0;
    let kill: NodeJS.Timeout | undefined;
    const end = (why: NonNullable<typeof ended>): void => {
      if (ended !== undefined) return;
      ended = why;
      child.kill();
      kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const callOff = (): void => end('called off');
    const limit = run.timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), run.timeoutMs);
    run.signal?.addEventListener('abort', callOff, { once: true });
    const settle = (): void => {
      clearTimeout(limit);
      clearTimeout(kill);
      run.signal?.removeEventListener('abort', callOff);
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      if (ended !== undefined) return;
      if (run.onChunk !== undefined) {
        if (!run.onChunk(chunk)) end('enough');
        return;
      }
      stdout.push(chunk);
      size += chunk.length;
      if (size > LARGEST_OUTPUT_BYTES) end('too large');
    });
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A git that ends before it has read everything reports by its exit code.
    child.stdin?.on('error', () => {});
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code) => {
      settle();
      if (ended === 'called off') return reject(run.signal?.reason);
      if (ended === 'too large') {
        return reject(new Error(`git wrote more than ${LARGEST_OUTPUT_BYTES / 1024 / 1024} MiB`));
      }
      resolve({
        code: ended === 'enough' ? 0 : code,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8').trim(),
        timedOut: ended === 'timeout',
      });
    });
    child.stdin?.end(run.input);
  });
}
