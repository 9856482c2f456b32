import { createHash } from 'node:crypto';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { limitSignal } from '../../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { describeGitHubFailure, GitHubFailure } from './failure.ts';

/** How to reach one repository. */
export interface GitHubOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` for an Enterprise server. */
  apiUrl: string;
  token: string;
  owner: string;
  repo: string;
  signal?: AbortSignal | undefined;
  /** Limit of one attempt of one request; 30 s if left out. */
  timeoutMs?: number | undefined;
  /** What one second of waiting between attempts lasts, in milliseconds; for tests. */
  secondMs?: number | undefined;
}

/** An open connection: no state, no socket of its own. */
export interface GitHubConnection {
  octokit: Octokit;
  owner: string;
  repo: string;
  apiUrl: URL;
  token: string;
  signal: AbortSignal | undefined;
}

const READ_RETRIES = 2;
// Longer than this, waiting belongs to the workflow, which waits durably.
const LONGEST_WAIT_SECONDS = 60;
const RetryingOctokit = Octokit.plugin(retry, throttling);

/**
 * Prepares a connection; nothing is sent yet.
 * @throws GitHubFailure for an address, owner or name that cannot be one
 */
export function openGitHub(options: GitHubOptions): GitHubConnection {
  const apiUrl = URL.canParse(options.apiUrl) ? new URL(options.apiUrl) : undefined;
  const namesAreSafe = [options.owner, options.repo].every(
    (name) => /^[\w.-]{1,100}$/.test(name) && !/^\.+$/.test(name),
  );
  if (!apiUrl || !/^https?:$/.test(apiUrl.protocol) || apiUrl.username || !namesAreSafe) {
    throw new GitHubFailure({
      happened: 'The configuration of GitHub is not an API address with an owner and a repository.',
      outcome: 'unchanged',
      retryable: false,
      advice: 'Correct `github.api_url`, `github.owner` and `github.repo`.',
    });
  }
  const timeoutMs = options.timeoutMs ?? LIMITS_MS.request;
  const secondMs = options.secondMs ?? 1000;
  const wantsRetry = (retryAfter: number, _options: unknown, _octokit: unknown, count: number): boolean =>
    count < 2 && retryAfter <= LONGEST_WAIT_SECONDS;
  const octokit = new RetryingOctokit({
    auth: options.token,
    baseUrl: apiUrl.href.replace(/\/$/, ''),
    userAgent: 'windlass',
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: {
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, signal: limitSignal(timeoutMs, options.signal) }),
    },
    // A 429 is the throttling plugin's, or the caller's if GitHub asks for a long wait.
    retry: {
      doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
      retries: READ_RETRIES,
      retryAfterBaseValue: secondMs,
    },
    throttle: {
      id: createHash('sha256').update(options.token).digest('hex').slice(0, 16),
      retryAfterBaseValue: secondMs,
      onRateLimit: wantsRetry,
      onSecondaryRateLimit: wantsRetry,
      ...(isPublicGitHub(apiUrl) ? {} : { write: UNPACED, notifications: UNPACED }),
    } as never,
  });
  return {
    octokit,
    owner: options.owner,
    repo: options.repo,
    apiUrl,
    token: options.token,
    signal: options.signal,
  };
}

/**
 * One read, or several pages of one; lost lines, 5xx and short rate limits are retried a few times.
 * @throws GitHubFailure
 */
export async function readGitHub<T>(
  connection: GitHubConnection,
  doing: string,
  read: (octokit: Octokit, target: { owner: string; repo: string }) => Promise<T>,
): Promise<T> {
  return await attemptGitHub(connection, { doing, writes: false }, () =>
    read(connection.octokit, target(connection)),
  );
}

/**
 * One write, attempted once: repeating a POST whose answer got lost could do it twice, so that is decided by who
 * can read what is there. (A refusal by a rate limit did nothing and is retried.)
 * @param write gets the `request` options that it must pass on
 * @throws GitHubFailure
 */
export async function writeGitHub<T>(
  connection: GitHubConnection,
  doing: string,
  write: (octokit: Octokit, target: { owner: string; repo: string; request: { retries: 0 } }) => Promise<T>,
): Promise<T> {
  return await attemptGitHub(connection, { doing, writes: true }, () =>
    write(connection.octokit, { ...target(connection), request: { retries: 0 } }),
  );
}

async function attemptGitHub<T>(
  connection: GitHubConnection,
  attempt: { doing: string; writes: boolean },
  work: () => Promise<T>,
): Promise<T> {
  const { signal } = connection;
  let onStop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    onStop = () => reject(Object.assign(new Error('called off'), { name: 'AbortError' }));
  });
  signal?.addEventListener('abort', onStop, { once: true });
  try {
    signal?.throwIfAborted();
    // The race ends a wait between two attempts as well, which a fetch's own signal cannot.
    return await Promise.race([work(), stopped]);
  } catch (error) {
    throw describeGitHubFailure(error, {
      ...attempt,
      where: `${connection.owner}/${connection.repo}`,
      token: connection.token,
    });
  } finally {
    signal?.removeEventListener('abort', onStop);
  }
}

function target(connection: GitHubConnection): { owner: string; repo: string } {
  return { owner: connection.owner, repo: connection.repo };
}

// The pace of one write a second, three for what notifies people, is github.com's rule; servers of one's own have none.
const UNPACED = {
  key: () => ({
    schedule: async (_options: unknown, work: (...values: unknown[]) => unknown, ...values: unknown[]) =>
      work(...values),
  }),
};

function isPublicGitHub(apiUrl: URL): boolean {
  return apiUrl.hostname === 'api.github.com' || apiUrl.hostname.endsWith('.ghe.com');
}

function ignore(): void {
  // Octokit's own log lines could carry addresses; failures say what matters.
}
