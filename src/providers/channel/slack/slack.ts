import type { ChannelNotice, ChannelTools } from '../channel.ts';
import { postToSecretUrl, reachSecretUrl } from '../post.ts';

/** A message to one channel, through an incoming webhook. */
export interface SlackMessage {
  /** The incoming webhook's address: a secret. */
  webhookUrl: string;
  /** Slack's `mrkdwn`; shown in notifications also where `blocks` replace it. Escape outside text first. */
  text: string;
  blocks?: readonly object[];
  signal?: AbortSignal;
  timeoutMs?: number;
}

// Slack cuts longer texts off silently; a cut that says so is better.
const LONGEST_TEXT = 39_000;

/**
 * Sends one message. Webhooks take no idempotency key: a repeated send after an unknown outcome shows it twice.
 * @throws NotifyFailure
 */
export async function sendSlack(message: SlackMessage): Promise<void> {
  const text =
    message.text.length > LONGEST_TEXT ? `${message.text.slice(0, LONGEST_TEXT)}\n… (cut)` : message.text;
  await postToSecretUrl({
    receiver: 'Slack',
    url: message.webhookUrl,
    body: JSON.stringify({ text, ...(message.blocks ? { blocks: message.blocks } : {}) }),
    headers: {},
    signal: message.signal,
    timeoutMs: message.timeoutMs,
  });
}

/** Outside text made harmless in `mrkdwn`: without it, `<!channel>` in a commit subject would call everybody. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Sends a notice. @throws NotifyFailure */
export async function sendNotice(
  notice: ChannelNotice,
  { slack }: { slack: string },
  { signal, secret }: ChannelTools,
): Promise<void> {
  const text = escapeSlack(`*${notice.subject}*\n${notice.text}`);
  await sendSlack({ webhookUrl: secret(slack), text, signal });
}

/** @throws NotifyFailure where nobody answers. Whether the channel takes the message, only a message tells. */
export async function preflight(
  { slack }: { slack: string },
  { signal, secret }: ChannelTools,
): Promise<void> {
  await reachSecretUrl({ receiver: 'Slack', url: secret(slack), signal });
}
