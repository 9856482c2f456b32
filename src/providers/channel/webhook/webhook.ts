import { createHmac } from 'node:crypto';
import type { ChannelNotice, ChannelTools } from '../channel.ts';
import { postToSecretUrl, reachSecretUrl } from '../post.ts';

/** A signed event for a team's own receiver, by the Standard Webhooks convention (standardwebhooks.com). */
export interface WebhookMessage {
  url: string;
  /** Sent as JSON. */
  body: unknown;
  /** Shared with the receiver; `whsec_…` is read as base64, anything else as text. */
  secret: string;
  /** The same for every repetition of one event, so that a receiver can drop the second. */
  id: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/**
 * Sends one event with `webhook-id`, `webhook-timestamp` and `webhook-signature`.
 * @throws NotifyFailure
 */
export async function sendWebhook(message: WebhookMessage): Promise<void> {
  const body = JSON.stringify(message.body);
  const timestamp = Math.floor(Date.now() / 1000);
  await postToSecretUrl({
    receiver: 'The webhook',
    url: message.url,
    body,
    headers: {
      'webhook-id': message.id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signWebhook({ id: message.id, timestamp, body, secret: message.secret }),
    },
    signal: message.signal,
    timeoutMs: message.timeoutMs,
  });
}

/** `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`; `timestamp` in whole seconds. */
export function signWebhook(parts: { id: string; timestamp: number; body: string; secret: string }): string {
  const { secret } = parts;
  const key = secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
  const signed = `${parts.id}.${parts.timestamp}.${parts.body}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

/** Sends a notice as a signed event. @throws NotifyFailure */
export async function sendNotice(
  { id, product, releaseId: release, subject, text }: ChannelNotice,
  settings: { webhook: string; secret?: string },
  { signal, secret }: ChannelTools,
): Promise<void> {
  await sendWebhook({
    url: settings.webhook,
    body: { id, product, release, subject, text },
    secret: settings.secret === undefined ? '' : secret(settings.secret),
    id,
    signal,
  });
}

/** @throws NotifyFailure where nobody answers; also where the secret for signing cannot be read */
export async function preflight(
  settings: { webhook: string; secret?: string },
  { signal, secret }: ChannelTools,
): Promise<void> {
  if (settings.secret !== undefined) secret(settings.secret);
  await reachSecretUrl({ receiver: 'The webhook', url: settings.webhook, signal });
}
