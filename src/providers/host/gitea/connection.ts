import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { limitSignal } from '../../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { orNothing } from '../failure.ts';
import { fetchAnswer, type HostTransport } from '../fetch-answer.ts';
import { describeGiteaFailure, GiteaFailure } from './failure.ts';

/** How to reach one repository. */
export interface GiteaOptions {
  /** `https://codeberg.org/api/v1`, or that of a server of one's own. */
  apiUrl: string;
  token: string;
  /** `owner/name`. */
  project: string;
  signal?: AbortSignal | undefined;
  /** Limit of one attempt of one request; 30 s if left out. */
  timeoutMs?: number | undefined;
  /** What one second of waiting between attempts lasts, in milliseconds; for tests. */
  secondMs?: number | undefined;
}

/** An open connection: no state, no socket of its own. */
export interface GiteaConnection extends HostTransport {
  /** Of the web pages, without a slash at the end. */
  base: string;
  project: string;
  token: string;
}

/** What is asked for, below `/api/v1`; `{repo}` stands for the repository's own path. */
export interface GiteaRequest {
  path: string;
  query?: Record<string, string | number | undefined>;
}

/** Gitea gives no more than this on a page, and administrators may have it give less. */
const PAGE = 50;

/**
 * Prepares a connection; nothing is sent yet.
 * @throws GiteaFailure for an address or a path that cannot be one
 */
export function openGitea(options: GiteaOptions): GiteaConnection {
  const url = URL.canParse(options.apiUrl) ? new URL(options.apiUrl) : undefined;
  const base = /^(https?:\/\/[^?#@]+)\/api\/v1\/?$/.exec(url?.href ?? '')?.[1];
  if (base === undefined || !/^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(options.project)) {
    throw new GiteaFailure({
      happened: 'The configuration of Gitea is not the address of its API with an owner and a repository.',
      outcome: 'unchanged',
      retryable: false,
      advice:
        'Correct `gitea.owner`, `gitea.repo` and `gitea.api_url`, which ends with /api/v1, as in https://codeberg.org/api/v1.',
    });
  }
  const { token, project, signal, timeoutMs = LIMITS_MS.request, secondMs = 1000 } = options;
  return { base, project, token, signal, timeoutMs, secondMs };
}

/**
 * One read.
 * @throws GiteaFailure also for an answer that is not of `shape`
 */
export async function readGitea<T>(
  connection: GiteaConnection,
  doing: string,
  request: GiteaRequest,
  shape: z.ZodType<T>,
): Promise<T> {
  return await attempt(connection, { doing, writes: false }, async () => {
    const { body } = await fetchAnswer(connection, addressOf(connection, request), headersOf(connection));
    return check(body, shape, doing);
  });
}

/** As `readGitea`, where "not found" is an answer. */
export async function findGitea<T>(
  connection: GiteaConnection,
  doing: string,
  request: GiteaRequest,
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  return await orNothing(readGitea(connection, doing, request, shape));
}

/**
 * Every page of a list. Each is asked for until there is nothing more: how many items a page has, the server decides.
 * @throws GiteaFailure
 */
export async function listGitea<T>(
  connection: GiteaConnection,
  doing: string,
  request: GiteaRequest,
  shape: z.ZodType<T[]>,
): Promise<T[]> {
  return await attempt(connection, { doing, writes: false }, async () => {
    const all: T[] = [];
    for (let page = 1; ; page += 1) {
      const query = { ...request.query, limit: PAGE, page };
      const address = addressOf(connection, { ...request, query });
      const { body, headers } = await fetchAnswer(connection, address, headersOf(connection));
      const items = check(body, shape, doing);
      all.push(...items);
      const total = headers.get('x-total-count');
      if (items.length === 0 || (total !== null && all.length >= Number(total))) return all;
    }
  });
}

/**
 * One write, attempted once: repeating a POST whose answer got lost could do it twice, so that is decided by who can
 * read what is there. `body` is sent as JSON, a form as it is.
 * @throws GiteaFailure
 */
export async function writeGitea(
  connection: GiteaConnection,
  doing: string,
  request: GiteaRequest & { method: 'POST' | 'PATCH'; body: object | FormData },
): Promise<void> {
  await attempt(connection, { doing, writes: true }, async () => {
    const { headers } = headersOf(connection);
    const isForm = request.body instanceof FormData;
    await fetchAnswer(connection, addressOf(connection, request), {
      method: request.method,
      headers: isForm ? headers : { ...headers, 'content-type': 'application/json' },
      body: isForm ? (request.body as FormData) : JSON.stringify(request.body),
    });
  });
}

/**
 * The SHA-256 of an attachment, in hexadecimal: Gitea keeps none, so its bytes are read, however many they are.
 * @throws GiteaFailure
 */
export async function digestAttachment(connection: GiteaConnection, uuid: string): Promise<string> {
  const doing = `read the attachment ${uuid}`;
  return await attempt(connection, { doing, writes: false }, async () => {
    const answer = await fetch(`${connection.base}/attachments/${encodeURIComponent(uuid)}`, {
      ...headersOf(connection),
      // To the store behind it, where there is one; `fetch` takes the token along to no other origin.
      redirect: 'follow',
      signal: limitSignal(connection.timeoutMs * 20, connection.signal),
    });
    if (!answer.ok) {
      throw new GiteaFailure({
        happened: `Could not ${doing} (${connection.project}): Gitea answered ${answer.status}.`,
        outcome: 'unchanged',
        retryable: answer.status >= 500,
        advice: 'Check that the token may read the repository’s releases.',
        status: answer.status,
      });
    }
    const hash = createHash('sha256');
    for await (const chunk of answer.body ?? []) hash.update(chunk);
    return hash.digest('hex');
  });
}

function addressOf(connection: GiteaConnection, { path, query = {} }: GiteaRequest): URL {
  const project = connection.project.split('/').map(encodeURIComponent).join('/');
  const url = new URL(`${connection.base}/api/v1/${path.replace('{repo}', `repos/${project}`)}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function headersOf({ token }: GiteaConnection): { headers: Record<string, string> } {
  return { headers: { authorization: `token ${token}`, accept: 'application/json' } };
}

function check<T>(body: unknown, shape: z.ZodType<T>, doing: string): T {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new GiteaFailure({
    happened: `Could not ${doing}: the answer is not Gitea's (${issue?.path.join('.')}: ${issue?.message}).`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Check `gitea.api_url`: what answers there may be something else, or older than Gitea 1.20.',
  });
}

async function attempt<T>(
  connection: GiteaConnection,
  what: { doing: string; writes: boolean },
  work: () => Promise<T>,
): Promise<T> {
  try {
    connection.signal?.throwIfAborted();
    return await work();
  } catch (error) {
    const { project, token } = connection;
    throw describeGiteaFailure(error, { ...what, where: project, token });
  }
}
