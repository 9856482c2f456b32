import { randomUUID } from 'node:crypto';
import { printable } from '../release/plan/printable.ts';
import { LIMITS_MS } from '../release/policy/default-times.ts';
import { CliProblem } from './line/cli-problem.ts';

export interface ApiClient {
  /** Without a slash at the end. */
  address: string;
  /** @throws CliProblem as a sentence, when the API is away or refuses. */
  get<Answer>(path: string): Promise<Answer>;
  /** As `get`. The same key is used when the connection breaks and it is tried again: nothing happens twice. */
  post<Answer>(path: string, body: object): Promise<Answer>;
  /** A text as long as it may be, piece by piece. Limited in time only until it begins. */
  openText(path: string): Promise<AsyncIterable<Uint8Array>>;
  /** An open stream of server-sent events. Not limited in time; end it by `signal`. */
  openEvents(path: string, signal: AbortSignal, lastEventId?: string): Promise<Response>;
}

export interface ApiAccess {
  address: string;
  token?: string;
  /** For one answer, in milliseconds; 30 s where nothing is said. */
  timeoutMs?: number;
}

/** A problem document (RFC 9457) as the API writes it. */
interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  hint?: string;
  /** The page of what is in the way. */
  url?: string;
}

/** The API refused or could not do it. */
export class ApiProblem extends CliProblem {
  override name = 'ApiProblem';
  readonly status: number;
  constructor(message: string, status: number, hint: string | undefined) {
    super(message, hint === undefined ? {} : { hint });
    this.status = status;
  }
}

/** The API did not answer at all. */
export class ApiAway extends CliProblem {
  override name = 'ApiAway';
}

/** A release's record is below 256 KiB; a page of a list has a few dozen summaries. */
const ANSWER_LIMIT_BYTES = 8 * 1024 * 1024;

/** A client of the HTTP API. Opens no connection yet. */
export function openApi(access: ApiAccess): ApiClient {
  const { address, token } = access;
  const headers = {
    // The record says how a release was asked for.
    'user-agent': 'windlass-cli',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const limit = () => AbortSignal.timeout(access.timeoutMs ?? LIMITS_MS.request);
  return {
    address,
    async get<Answer>(path: string) {
      const response = await send(address, path, { headers, signal: limit() });
      return await readAnswer<Answer>(response, access);
    },
    async post<Answer>(path: string, body: object) {
      const request = {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify(body),
      };
      const response = await send(address, path, { ...request, signal: limit() }).catch(
        async (error: unknown) => {
          if (!isBroken(error)) throw error;
          return await send(address, path, { ...request, signal: limit() });
        },
      );
      return await readAnswer<Answer>(response, access);
    },
    async openText(path) {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), access.timeoutMs ?? LIMITS_MS.request);
      const request = { headers: { ...headers, accept: 'text/plain' }, signal: patience.signal };
      const response = await send(address, path, request).finally(() => clearTimeout(timer));
      if (!response.ok || !response.headers.get('content-type')?.startsWith('text/plain'))
        await readAnswer(response, access);
      return readPieces(response, address);
    },
    async openEvents(path, signal, lastEventId) {
      const response = await send(address, path, {
        headers: {
          ...headers,
          accept: 'text/event-stream',
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        signal,
      });
      if (!response.ok) await readAnswer(response, access);
      return response;
    },
  };
}

async function send(address: string, path: string, request: RequestInit): Promise<Response> {
  try {
    // A redirect would carry the token to somewhere else.
    return await fetch(`${address}${path}`, { ...request, redirect: 'manual' });
  } catch (error) {
    throw describeAway(address, error, request.method === 'POST');
  }
}

/** Whether the connection broke on the way, so that the request may or may not have arrived. */
function isBroken(error: unknown): boolean {
  return error instanceof ApiAway && ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(error.cause));
}

function describeAway(address: string, error: unknown, changes: boolean): ApiAway {
  const code = codeOf(error);
  const neverArrived = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
    code,
  );
  const outcome =
    !changes || neverArrived
      ? 'Nothing was changed.'
      : 'Whether it took the command is not known: "windlass status" tells, and giving it again does no harm.';
  return new ApiAway(`the API at ${address} does not answer (${code}). ${outcome}`, {
    hint: 'Check the address (--api, WINDLASS_API, or api.url of the configuration) and that it runs: "windlass serve" or "windlass dev" starts it.',
    cause: error,
  });
}

/** The code at the bottom of fetch's chain of errors. */
function codeOf(error: unknown): string {
  let code = 'no answer';
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current.name === 'TimeoutError') return 'no answer in time';
    const own = (current as NodeJS.ErrnoException).code;
    if (typeof own === 'string') code = own;
    const [first] = (current as AggregateError).errors ?? [];
    if (first instanceof Error) code = (first as NodeJS.ErrnoException).code ?? code;
  }
  return code;
}

async function readAnswer<Answer>(response: Response, access: ApiAccess): Promise<Answer> {
  const { address } = access;
  const type = response.headers.get('content-type') ?? '';
  if (!/\bjson\b/.test(type)) {
    await response.body?.cancel();
    throw new ApiProblem(
      `what answers at ${address} is not Windlass's API (${response.status}, ${printable(type.slice(0, 60)) || 'no content type'}). Nothing was changed.`,
      response.status,
      'Check the address: --api, WINDLASS_API, or api.url of the configuration.',
    );
  }
  const text = await readText(response, address);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw new CliProblem(`the answer of ${address} was cut off or is no JSON.`, { cause: error });
  }
  if (response.ok) return answer as Answer;
  throw describeProblem(response, (answer ?? {}) as ProblemDocument, access);
}

async function readText(response: Response, address: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > ANSWER_LIMIT_BYTES) throw new CliProblem(`the answer of ${address} is longer than 8 MiB.`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof CliProblem) throw error;
    throw describeAway(address, error, true);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* readPieces(response: Response, address: string): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? [];
  } catch (error) {
    throw new CliProblem(`the answer of ${address} broke off: this is not all of it.`, {
      hint: 'Ask again; if it breaks off at the same place, the log of the API says why.',
      cause: error,
    });
  }
}

function describeProblem(
  response: Response,
  problem: ProblemDocument,
  { token, address }: ApiAccess,
): ApiProblem {
  const { status } = response;
  const said = text(problem.detail) ?? text(problem.title) ?? `the API answered ${status}`;
  const wait = response.headers.get('retry-after');
  const hint = [
    ...(status === 401 && token === undefined
      ? [`No token was given: set WINDLASS_TOKEN or use --token-file. It is for ${address}.`]
      : []),
    ...(text(problem.hint) === undefined ? [] : [text(problem.hint)!]),
    ...(text(problem.url) === undefined ? [] : [text(problem.url)!]),
    ...(wait !== null && /^\d{1,6}$/.test(wait) ? [`Try again in ${wait} s.`] : []),
  ].join('\n');
  return new ApiProblem(said, status, hint === '' ? undefined : hint);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 4_000) : undefined;
}
