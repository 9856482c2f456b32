/** Runs git for the reading of history: by argument list, with plain output, and with nothing that could ask or write. */
import { spawn } from 'node:child_process';

/** A mistake in what was asked, or in the state of the repository, told in sentences for people. */
export class HistoryError extends Error {
  override name = 'HistoryError';
}

export interface GitResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Settings of the user's that would change what git prints, overridden for every call. */
const PLAIN = [
  '-c',
  'color.ui=false',
  '-c',
  'core.quotePath=false',
  '-c',
  'log.showSignature=false',
  '-c',
  'i18n.logOutputEncoding=UTF-8',
];

/**
 * Runs git in a repository and gives its output whatever the exit code.
 *
 * @param onChunk gets the output as it comes instead of `stdout`; returning false ends git early
 * @throws HistoryError when git cannot be started
 */
export function runGit(
  repository: string,
  args: readonly string[],
  options: { input?: string; onChunk?: (chunk: Buffer) => boolean } = {},
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', repository, ...PLAIN, ...args], {
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: ENVIRONMENT,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let ended = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      if (options.onChunk === undefined) stdout.push(chunk);
      else if (!ended && !options.onChunk(chunk)) {
        ended = true;
        child.kill();
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        new HistoryError(
          error.code === 'ENOENT'
            ? `git could not be started in ${repository}: either git is not installed, or there is no such folder.`
            : `git could not be started: ${error.message}`,
          { cause: error },
        ),
      );
    });
    child.on('close', (code) => {
      resolve({
        code: ended ? 0 : (code ?? 1),
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8').trim(),
      });
    });
    // A git that ends before it has read everything reports by its exit code.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  });
}

/**
 * What git gets of this process's environment: where programs are, and the person's own configuration, since `windlass
 * plan` runs in a person's own clone (`safe.directory` lives there). Nothing else: no secret of a worker's, and none
 * of git's variables that would point it at another repository or start a program.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'TMPDIR',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CEILING_DIRECTORIES',
  'GIT_DISCOVERY_ACROSS_FILESYSTEM',
];

/** Read once: picking the environment for every call would cost as much as a small git command. */
const ENVIRONMENT = gitEnvironment();

function gitEnvironment(): NodeJS.ProcessEnv {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(passed),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    // Without it git writes out each commit by itself, and waking up for each costs more than reading it.
    GIT_FLUSH: '0',
    LC_ALL: 'C',
  };
}
