import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Channel } from '../../config/installation.ts';
import type { Notice, SupportActivities } from '../../contracts/activities.ts';
import { appendNotice } from '../../providers/channel/file/notice-file.ts';
import { makeMessageId, sendMail } from '../../providers/channel/mail/mail.ts';
import { escapeSlack, sendSlack } from '../../providers/channel/slack/slack.ts';
import { sendWebhook } from '../../providers/channel/webhook/webhook.ts';
import { releasePath } from '../../release/views/words.ts';
import type { ActivityDeps } from '../deps.ts';
import { takeSecret } from '../deps.ts';
import { sendOnce } from './send-once.ts';

/**
 * Tells a channel. What was sent is noted, so that a retry repeats only what failed. At least once is what Slack, mail
 * and webhooks can promise; mail and webhooks carry a stable id by which a second delivery can be recognised, a notice
 * file keeps each notice once.
 */
export function notify(deps: ActivityDeps): SupportActivities['notify'] {
  return async (input) => {
    const channels = deps.installation.channels[input.channel] ?? [];
    const sent: string[] = [];
    const failed: string[] = [];
    const perhapsTwice: string[] = [];
    for (const channel of channels) {
      const name = nameOf(channel);
      try {
        const done = await sendOnce(deps, kindOf(channel), input, JSON.stringify(channel), () =>
          send(deps, channel, input),
        );
        sent.push(name);
        if (done.perhapsTwice) perhapsTwice.push(name);
      } catch (error) {
        failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300));
      }
    }
    return { sent, failed, perhapsTwice };
  };
}

async function send(deps: ActivityDeps, channel: Channel, notice: Notice): Promise<void> {
  // A link opens the decision and never makes one: mail scanners click.
  const text = `${notice.text}\n\n${deps.installation.api.url}${releasePath(notice.product, notice.flow)}`;
  const signal = deps.signal();
  if ('slack' in channel) {
    const webhookUrl = takeSecret(deps, channel.slack);
    await sendSlack({ webhookUrl, text: escapeSlack(`*${notice.subject}*\n${text}`), signal });
    return;
  }
  if ('file' in channel) {
    await mkdir(dirname(channel.file), { recursive: true });
    await appendNotice({
      file: channel.file,
      notice: { id: notice.id, time: new Date().toISOString(), title: notice.subject, text },
      signal,
    });
    return;
  }
  if ('webhook' in channel) {
    await sendWebhook({
      url: channel.webhook,
      body: {
        id: notice.id,
        product: notice.product,
        release: notice.releaseId,
        subject: notice.subject,
        text,
      },
      secret: channel.secret === undefined ? '' : takeSecret(deps, channel.secret),
      id: notice.id,
      signal,
    });
    return;
  }
  const mail = deps.installation.mail;
  if (!mail) throw new Error('no mail server is configured');
  const password = mail.password === undefined ? {} : { password: takeSecret(deps, mail.password) };
  await sendMail({
    smtp: {
      host: mail.host,
      port: mail.port,
      secure: mail.secure,
      ...(mail.user === undefined ? {} : { user: mail.user }),
      ...password,
    },
    from: mail.from,
    to: channel.email,
    subject: notice.subject,
    text,
    messageId: makeMessageId(notice.id, mail.from.split('@').at(-1) ?? 'localhost'),
    signal,
  });
}

function kindOf(channel: Channel): 'notice-file' | 'slack' | 'webhook' | 'mail' {
  if ('slack' in channel) return 'slack';
  if ('file' in channel) return 'notice-file';
  return 'webhook' in channel ? 'webhook' : 'mail';
}

function nameOf(channel: Channel): string {
  if ('slack' in channel) return 'Slack';
  if ('file' in channel) return 'notice file';
  return 'webhook' in channel ? 'webhook' : 'mail';
}
