import { wasNeverReached } from '../../integrations/failure.ts';
import { limitSignal } from '../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import { NotifyFailure, quoteOutside } from './failure.ts';

/** One POST to an address that is itself a secret. */
export interface SecretPost {
  /** What receives, as people call it: `Slack`, `the webhook`. */
  receiver: string;
  url: string;
  body: string;
  headers: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** 30 s if left out. */
  timeoutMs?: number | undefined;
}

/**
 * Sends once, follows no redirect (it could carry the message elsewhere), and resolves only on a 2xx.
 * @throws NotifyFailure
 */
export async function postToSecretUrl(post: SecretPost): Promise<void> {
  const url = readSecretUrl(post);
  let response: Response;
  let answer: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      body: post.body,
      headers: { 'content-type': 'application/json', 'user-agent': 'windlass', ...post.headers },
      redirect: 'manual',
      signal: limitSignal(post.timeoutMs ?? LIMITS_MS.request, post.signal),
    });
    answer = (await response.text()).slice(0, 2000);
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: unknown }; name: string };
    const reached = !wasNeverReached(cause?.code);
    throw new NotifyFailure({
      happened: `${post.receiver} at ${url.host} ${reached ? 'gave no answer' : 'cannot be reached'} (${String(cause?.code ?? name)}).`,
      outcome: reached ? 'unknown' : 'unchanged',
      retryable: true,
      advice: 'Check the address and the network; it is tried again.',
    });
  }
  if (!response.ok) throw describeRefusal(post, url, response, answer);
}

/**
 * Finds out whether whoever is at a secret address answers at all. Nothing is posted: what it says to a question is its
 * own business, and any answer will do that is no failure of the server.
 * @throws NotifyFailure
 */
export async function reachSecretUrl(at: Pick<SecretPost, 'receiver' | 'url' | 'signal'>): Promise<void> {
  const url = readSecretUrl(at);
  let status: number;
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: at.signal ?? null });
    status = response.status;
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: unknown }; name: string };
    throw new NotifyFailure({
      happened: `${at.receiver} at ${url.host} cannot be reached (${String(cause?.code ?? name)}).`,
      outcome: 'unchanged',
      retryable: true,
      advice: 'Check the address and the network.',
    });
  }
  if (status < 500 || status === 501) return;
  throw new NotifyFailure({
    happened: `${at.receiver} at ${url.host} answered ${status}.`,
    outcome: 'unchanged',
    retryable: true,
    advice: 'See what is wrong with it.',
    status,
  });
}

function readSecretUrl({ receiver, url }: Pick<SecretPost, 'receiver' | 'url'>): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:')) return parsed;
  throw new NotifyFailure({
    happened: `The address for ${receiver} is not an http(s) URL.`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Correct the secret that holds it.',
  });
}

function describeRefusal(post: SecretPost, url: URL, response: Response, answer: string): NotifyFailure {
  const { status } = response;
  const said = quoteOutside(answer, [post.url, url.pathname]);
  const temporary = status === 429 || status === 408 || status >= 500;
  return new NotifyFailure({
    happened: `${post.receiver} at ${url.host} answered ${status}${said ? ` (${said})` : ''}.`,
    outcome: status >= 500 ? 'unknown' : 'unchanged',
    retryable: temporary,
    advice: temporary
      ? 'It is tried again.'
      : 'Check that the address is still valid and that the receiver takes such messages.',
    status,
    retryAfterMs: readRetryAfter(response.headers.get('retry-after')),
  });
}

/** `Retry-After` in milliseconds; seconds or an HTTP date (RFC 9110, 10.2.3). */
export function readRetryAfter(header: string | null, now = Date.now()): number | undefined {
  if (!header) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
