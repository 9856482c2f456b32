import { nameDuration } from '../../release/duration.ts';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import { maskText } from '../process/mask-secrets.ts';
import { searchPath } from '../process/search-path.ts';
import { classifyTrouble, GitFailed, type GitTrouble } from './git-errors.ts';
import { type GitEnd, runGit } from './run-git.ts';

export interface GitOptions {
  /** The repository: a working tree, or a bare repository's folder. */
  cwd: string;
  /** Added to the environment, such as GIT_INDEX_FILE or GIT_AUTHOR_DATE. */
  env?: Record<string, string>;
  input?: string | Uint8Array;
  /** Default: 2 minutes. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Sent to this remote only, as an HTTP header; never an argument. */
  credential?: { url: string; token: string } | undefined;
  /** Exit codes that are answers and not failures. Default: only 0. */
  acceptExitCodes?: readonly number[];
}

export interface GitAnswer {
  stdout: Buffer;
  exitCode: number;
}

/**
 * Runs git by argument list with an environment of its own: no configuration of the machine or the user, no hooks, no
 * prompts, no signing, no collection of garbage in the background (which would remove what is not pushed yet), only
 * the protocols file, http, https and ssh.
 * @throws {GitFailed} with what git said, free of credentials. When the signal ended it, the signal's own reason, so
 * that a cancelled activity is seen as cancelled and one on a worker that shuts down is tried again elsewhere.
 */
export async function askGit(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  const accepted = options.acceptExitCodes ?? [0];
  const timeoutMs = options.timeoutMs ?? LIMITS_MS.localGit;
  const clean = (text: string): string => {
    const { token } = options.credential ?? {};
    return maskText(maskUrls(text), token === undefined ? [] : [token, basicCredential(token)]);
  };
  const fail = (trouble: GitTrouble, exitCode: number | null, how: string, stderr = ''): GitFailed => {
    const command = clean(`git ${args.join(' ')}`).slice(0, 400);
    const said = stderr === '' ? '.' : `: ${stderr}`;
    return new GitFailed(`"${command}" ${how}${said}`, { trouble, command, exitCode, stderr });
  };
  let end: GitEnd;
  try {
    end = await runGit(args, { ...options, timeoutMs, env: gitEnvironment(options) });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw fail('failed', null, `could not run (${clean((error as Error).message)})`);
  }
  const { code, stdout, timedOut } = end;
  if (code !== null && accepted.includes(code) && !timedOut) return { stdout, exitCode: code };
  const stderr = clean(end.stderr);
  if (timedOut) throw fail('timeout', code, `was ended after ${nameDuration(timeoutMs)}`, stderr);
  const how = code === null ? 'was killed' : `failed with exit code ${code}`;
  throw fail(classifyTrouble(stderr), code, how, stderr);
}

/** Takes user and password out of addresses. */
function maskUrls(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, '$1***@');
}

/** What hosts take over HTTP: any user name with the token as password. */
function basicCredential(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}

function gitEnvironment(options: GitOptions): Record<string, string> {
  const config: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['core.attributesFile', '/dev/null'],
    ['core.excludesFile', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['core.autocrlf', 'false'],
    ['core.quotePath', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['commit.gpgSign', 'false'],
    ['tag.gpgSign', 'false'],
    ['credential.helper', ''],
    ['protocol.ext.allow', 'never'],
    ['submodule.recurse', 'false'],
    ['http.followRedirects', 'initial'],
    // Less than 1 kB/s for a minute counts as gone.
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '60'],
  ];
  if (options.credential && /^https?:/.test(options.credential.url)) {
    const { origin } = new URL(options.credential.url);
    // Bound to the host: not sent along when the host redirects elsewhere.
    config.push([
      `http.${origin}/.extraHeader`,
      `Authorization: Basic ${basicCredential(options.credential.token)}`,
    ]);
  }
  const numbered = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: searchPath(),
    // No `.netrc` and no `.ssh` of whoever runs the worker, save for what ssh takes from the user database.
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ADVICE: '0',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=yes',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(numbered),
    ...options.env,
  };
}
