import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as the server took it: the whole source, headers and all. */
export interface TakenMail {
  from: string;
  to: string[];
  source: string;
}

export interface SmtpStub {
  host: string;
  port: number;
  mails: TakenMail[];
  stop(): Promise<void>;
}

/**
 * A real SMTP server that keeps what it takes. It knows one login (`releaser` / `right-password`), refuses
 * receivers whose address starts with `nobody`, and says "try later" (451) to those that start with `later`.
 */
export async function startSmtp(
  options: { dropAfterData?: boolean; login?: boolean; tls?: { key: string; cert: string } } = {},
): Promise<SmtpStub> {
  const mails: TakenMail[] = [];
  const server = new SMTPServer({
    authOptional: !options.login,
    allowInsecureAuth: true,
    ...(options.tls ? options.tls : { disabledCommands: ['STARTTLS'] }),
    disableReverseLookup: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'releaser' && password === 'right-password') done(null, { user: username });
      else done(new Error(`no such login, password ${password}`));
    },
    onRcptTo: ({ address }, _session, done) => {
      if (address.startsWith('nobody'))
        done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
      else if (address.startsWith('later'))
        done(Object.assign(new Error('come back'), { responseCode: 451 }));
      else done();
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString('utf8'),
        });
        if (!options.dropAfterData) return done();
        // The mail is taken, and the line breaks before the sender hears of it.
        const connections = (server as unknown as { connections: Set<{ _socket: { destroy(): void } }> })
          .connections;
        for (const connection of connections) connection._socket.destroy();
      });
    },
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    host: '127.0.0.1',
    port: (listening.address() as AddressInfo).port,
    mails,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
