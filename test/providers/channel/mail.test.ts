import { afterEach, describe, expect, test } from 'vitest';
import { NotifyFailure } from '../../../src/providers/channel/failure.ts';
import { makeMessageId, sendMail } from '../../../src/providers/channel/mail/mail.ts';
import { makeCertificate } from '../../support/network/certificate.ts';
import { findFreePort } from '../../support/network/free-port.ts';
import { startSmtp } from '../../support/server/smtp.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function start(options: Parameters<typeof startSmtp>[0] = {}) {
  const smtp = await startSmtp(options);
  cleanups.push(smtp.stop);
  return { mails: smtp.mails, server: { host: smtp.host, port: smtp.port, secure: false } };
}

const message = {
  from: 'Windlass <windlass@example.test>',
  to: ['ceo@example.test'],
  subject: 'shop v1.2.0: ready for production?',
  text: 'Größe & Preis\n.\nend',
  messageId: makeMessageId('release-1/notify/ceo', 'example.test'),
};

async function failureOf(promise: Promise<unknown>): Promise<NotifyFailure> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NotifyFailure);
  return error as NotifyFailure;
}

describe('sending mail', () => {
  test('hands over one mail whose id is the same for each repetition', async () => {
    const { mails, server } = await start();
    const receipt = await sendMail({ smtp: server, ...message });
    await sendMail({ smtp: server, ...message });
    expect(receipt).toEqual({ messageId: message.messageId, accepted: message.to, rejected: [] });
    expect(mails).toHaveLength(2);
    for (const mail of mails) expect(mail.source).toContain(`Message-ID: ${message.messageId}\r\n`);
    expect(mails[0]?.source).toContain('Auto-Submitted: auto-generated');
    expect(mails[0]?.source).toContain('Gr=C3=B6=C3=9Fe');
  });

  test('a subject cannot smuggle in a header or a receiver', async () => {
    const { mails, server } = await start();
    await sendMail({ smtp: server, ...message, subject: 'v1\r\nBcc: thief@example.test\r\n\r\nbody' });
    expect(mails[0]?.to).toEqual(['ceo@example.test']);
    expect(mails[0]?.source).not.toMatch(/^Bcc:/m);
  });

  test('says which receivers were refused while others were served', async () => {
    const { mails, server } = await start();
    const receipt = await sendMail({
      smtp: server,
      ...message,
      to: ['ceo@example.test', 'nobody@example.test'],
    });
    expect(receipt).toMatchObject({ accepted: ['ceo@example.test'], rejected: ['nobody@example.test'] });
    expect(mails[0]?.to).toEqual(['ceo@example.test']);
  });

  test('a refused receiver is a person’s matter, a busy mailbox is tried again', async () => {
    const { mails, server } = await start();
    const refused = await failureOf(sendMail({ smtp: server, ...message, to: ['nobody@example.test'] }));
    const busy = await failureOf(sendMail({ smtp: server, ...message, to: ['later@example.test'] }));
    expect(refused).toMatchObject({ retryable: false, outcome: 'unchanged', status: 550 });
    expect(busy).toMatchObject({ retryable: true, outcome: 'unchanged', status: 451 });
    expect(mails).toEqual([]);
  });

  test('a wrong password is refused without appearing anywhere', async () => {
    const { server } = await start({ login: true });
    const login = { ...server, user: 'releaser', requireTls: false };
    const failure = await failureOf(sendMail({ smtp: { ...login, password: 'wrong-pass' }, ...message }));
    expect(failure).toMatchObject({ retryable: false, outcome: 'unchanged' });
    expect(failure.message).not.toContain('wrong-pass');
    expect(failure.message).toContain('user and password');
    await expect(
      sendMail({ smtp: { ...login, password: 'right-password' }, ...message }),
    ).resolves.toBeDefined();
  });

  test('a password is never sent to a server without TLS unless config says so', async () => {
    const { mails, server } = await start({ login: true });
    const smtp = { ...server, user: 'releaser', password: 'right-password' };
    expect(await failureOf(sendMail({ smtp, ...message }))).toMatchObject({ outcome: 'unchanged' });
    expect(mails).toEqual([]);
  });

  test('a password goes over TLS to a server whose certificate is trusted, and to no other', async () => {
    const tls = await makeCertificate();
    const { mails, server } = await start({ login: true, tls });
    const smtp = { ...server, user: 'releaser', password: 'right-password' };
    const failure = await failureOf(sendMail({ smtp, ...message }));
    expect(failure).toMatchObject({ outcome: 'unchanged' });
    expect(failure.message).toMatch(/certificate/);
    expect(mails).toEqual([]);
    await sendMail({ smtp: { ...smtp, ca: tls.cert }, ...message });
    expect(mails).toHaveLength(1);
  });

  test('a line that breaks after the mail was taken is unknown, a server that is away is unchanged', async () => {
    const { mails, server } = await start({ dropAfterData: true });
    const lost = await failureOf(sendMail({ smtp: server, ...message }));
    expect(mails).toHaveLength(1);
    expect(lost).toMatchObject({ outcome: 'unknown', retryable: true });
    const nobody = { host: '127.0.0.1', port: await findFreePort(), secure: false };
    expect(await failureOf(sendMail({ smtp: nobody, ...message }))).toMatchObject({ outcome: 'unchanged' });
  });
});
