import { HistoryError } from './git-errors.ts';
import { runGit } from './run-git.ts';

/** What git answered, whatever the exit code. */
export interface CloneAnswer {
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
 * Asks git about a person's own clone, with the person's configuration, plain output, and nothing that could ask or
 * write. Gives its output whatever the exit code.
 *
 * @param onChunk gets the output as it comes instead of `stdout`; returning false ends git early
 * @throws HistoryError when git cannot be started
 */
export async function askClone(
  repository: string,
  args: readonly string[],
  options: { input?: string; onChunk?: (chunk: Buffer) => boolean } = {},
): Promise<CloneAnswer> {
  try {
    const { code, stdout, stderr } = await runGit([...PLAIN, ...args], {
      cwd: repository,
      env: ENVIRONMENT,
      ...options,
    });
    return { code: code ?? 1, stdout: stdout.toString('utf8'), stderr };
  } catch (error) {
    throw new HistoryError(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? `git could not be started in ${repository}: either git is not installed, or there is no such folder.`
        : `git could not be started: ${(error as Error).message}`,
      { cause: error },
    );
  }
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
