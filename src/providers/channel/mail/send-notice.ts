import type { ChannelNotice, ChannelTools } from '../channel.ts';
import { greetMailServer, makeMessageId, type SmtpServer, sendMail } from './mail.ts';
import type { MailSettings } from './settings.ts';

/** Sends a notice as mail with a stable message id. @throws NotifyFailure */
export async function sendNotice(
  notice: ChannelNotice,
  { email }: { email: string[] },
  tools: ChannelTools,
): Promise<void> {
  const { from, smtp } = readServer(tools);
  await sendMail({
    smtp,
    from,
    to: email,
    subject: notice.subject,
    text: notice.text,
    messageId: makeMessageId(notice.id, from.split('@').at(-1) ?? 'localhost'),
    signal: tools.signal,
  });
}

/** Logs in at the server. Whether it takes mail for these addresses, only a mail tells. @throws NotifyFailure */
export async function preflight(_settings: { email: string[] }, tools: ChannelTools): Promise<void> {
  await greetMailServer({ smtp: readServer(tools).smtp, signal: tools.signal });
}

function readServer({ section, secret }: ChannelTools): { from: string; smtp: SmtpServer } {
  if (!section) throw new Error('no mail server is configured');
  const { host, port, secure, user, password, from } = section as MailSettings;
  return {
    from,
    smtp: {
      host,
      port,
      secure,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password: secret(password) }),
    },
  };
}
