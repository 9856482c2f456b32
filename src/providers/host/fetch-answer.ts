import { setTimeout as delay } from 'node:timers/promises';
import type { FailureFacts } from '../../integrations/failure.ts';
import { limitSignal } from '../../integrations/limit-signal.ts';
import { cleanText, describeHostFailure, type HostAttempt, readLostLine } from './describe-failure.ts';

/** How requests to a host travel. */
export interface HostTransport {
  /** Limit of one attempt of one request, in milliseconds. */
  timeoutMs: number;
  /** What one second of waiting between attempts lasts, in milliseconds; tests shorten it. */
  secondMs: number;
  signal: AbortSignal | undefined;
}

/** A whole answer; `body` is parsed where it is JSON. */
export interface HostAnswer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** An answer that is no success. Its message is what the host said. */
export class RefusingAnswer extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(status: number, headers: Headers, said: string) {
    super(said);
    this.status = status;
    this.headers = headers;
  }
}

const READ_ATTEMPTS = 3;
// Longer than this, waiting belongs to the workflow, which waits durably.
const LONGEST_WAIT_MS = 60_000;

/**
 * One request. Reads are attempted a few times after lost lines, 5xx and short rate limits; a write once, since
 * repeating one whose answer got lost could do it twice.
 * @throws RefusingAnswer, or what `fetch` throws
 */
export async function fetchAnswer(
  transport: HostTransport,
  url: URL,
  init: RequestInit,
): Promise<HostAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchOnce(transport, url, init);
    } catch (error) {
      const isRead = (init.method ?? 'GET') === 'GET';
      const waitMs = isRead ? waitBefore(error, attempt, transport) : undefined;
      if (waitMs === undefined) throw error;
      await delay(waitMs, undefined, transport.signal === undefined ? {} : { signal: transport.signal });
    }
  }
}

/** How long to wait before the same read is tried again; undefined where it is not. */
function waitBefore(
  error: unknown,
  attempt: number,
  { secondMs, signal }: HostTransport,
): number | undefined {
  if (attempt >= READ_ATTEMPTS || signal?.aborted) return undefined;
  if (!(error instanceof RefusingAnswer)) return attempt * secondMs;
  const limitedFor = readLimit(error.status, error.headers);
  if (limitedFor !== undefined)
    return limitedFor <= LONGEST_WAIT_MS ? (limitedFor / 1000) * secondMs : undefined;
  return error.status >= 500 ? attempt * secondMs : undefined;
}

async function fetchOnce(transport: HostTransport, url: URL, init: RequestInit): Promise<HostAnswer> {
  const response = await fetch(url, {
    ...init,
    // The token may be a header of the host's own, which a redirection to elsewhere would carry along.
    redirect: 'manual',
    signal: limitSignal(transport.timeoutMs, transport.signal),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  if (!response.ok) throw new RefusingAnswer(response.status, response.headers, explain(body));
  return { status: response.status, headers: response.headers, body };
}

/** Hosts' `message` is a text, or lists of texts by field. */
function explain(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body ?? '');
  const { message, error } = body as { message?: unknown; error?: unknown };
  const said = message ?? error ?? '';
  return typeof said === 'string' ? said : JSON.stringify(said);
}

/** How long to wait, in milliseconds, if an answer means a rate limit; undefined if it does not. */
function readLimit(status: number, headers: Headers): number | undefined {
  if (status !== 429) return undefined;
  const after = headers.get('retry-after') ?? '';
  if (/^\d{1,6}$/.test(after)) return Number(after) * 1000;
  const resetMs = Number(headers.get('ratelimit-reset') ?? Number.NaN) * 1000;
  return Number.isFinite(resetMs) ? Math.max(1000, resetMs - Date.now()) : 60_000;
}

/**
 * The failure of what `fetchAnswer` threw, in every host's words; `advise` says what only the people of this one can do
 * about an answer.
 */
export function describeThrown(
  error: unknown,
  host: { title: string; section: string },
  attempt: HostAttempt,
  advise: (status: number, headers: Headers) => string | undefined,
): FailureFacts {
  if (!(error instanceof RefusingAnswer)) return describeHostFailure(host, attempt, readLostLine(error));
  const { status, headers, message: said } = error;
  const advice = advise(status, headers);
  return describeHostFailure(host, attempt, {
    status,
    said,
    limitedForMs: readLimit(status, headers),
    advice,
  });
}

/** What to do where the host answers that the repository has moved; `keys` say in the configuration where it is. */
export function adviseMoved(headers: Headers, keys: string): string {
  const location = cleanText(headers.get('location') ?? '', '');
  return `It moved${location ? ` to ${location}` : ''}: correct ${keys}.`;
}
