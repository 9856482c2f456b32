import { spawn } from 'node:child_process';

/** What a finished command left. `code` is undefined when it could not be started, was killed or timed out. */
export interface CommandResult {
  code: number | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  /** Why it could not be started, such as `ENOENT`. */
  startError?: string;
}

export interface CommandOptions {
  cwd?: string;
  environment: Record<string, string | undefined>;
  timeoutMs: number;
  /** Called for every complete line of standard error; used for progress. */
  onErrorLine?: (line: string) => void;
}

const KEPT_CHARACTERS = 64 * 1024;

/**
 * Runs a program without a shell and collects the last 64 KiB of its output. Never rejects: a program that
 * is missing, fails or hangs past `timeoutMs` is told by the result. A time-out ends its whole process group.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.environment as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let partialLine = '';
    let timedOut = false;
    let startError: string | undefined;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, options.timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-KEPT_CHARACTERS);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT_CHARACTERS);
      const lines = (partialLine + text).split('\n');
      partialLine = lines.pop() ?? '';
      for (const line of lines) options.onErrorLine?.(line);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      startError = error.code ?? error.message;
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const result: CommandResult = { code: code ?? undefined, stdout, stderr, timedOut };
      resolve(startError === undefined ? result : { ...result, code: undefined, startError });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended between the time-out and the signal.
  }
}
