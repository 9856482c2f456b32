import type { ChannelNotice, ChannelTools } from '../channel.ts';
import { makeMessageId, sendMail } from './mail.ts';
import type { MailSettings } from './settings.ts';

/** Sends a notice as mail with a stable message id. @throws NotifyFailure */
export async function sendNotice(
  notice: ChannelNotice,
  { email }: { email: string[] },
  { signal, secret, section }: ChannelTools,
): Promise<void> {
  if (!section) throw new Error('no mail server is configured');
  const { host, port, secure, user, password, from } = section as MailSettings;
  await sendMail({
    smtp: {
      host,
      port,
      secure,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password: secret(password) }),
    },
    from,
    to: email,
    subject: notice.subject,
    text: notice.text,
    messageId: makeMessageId(notice.id, from.split('@').at(-1) ?? 'localhost'),
    signal,
  });
}
