import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { wasNeverReached } from '../../../integrations/failure.ts';
import { limitSignal } from '../../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { NotifyFailure, quoteOutside } from '../failure.ts';

/** The SMTP server that takes the mail. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (port 465). Otherwise STARTTLS is used where the server offers it. */
  secure: boolean;
  /** Refuse to send, and to log in, without TLS. On by default where a password is given. */
  requireTls?: boolean;
  user?: string;
  password?: string;
  /** Certificates (PEM) to trust besides the system's, for a server of one's own. */
  ca?: string;
}

/** To which server, and for how long. */
export interface MailCall {
  smtp: SmtpServer;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface MailMessage extends MailCall {
  from: string;
  to: readonly string[];
  subject: string;
  /** Plain text. */
  text: string;
  /** From `makeMessageId`: the same for each repetition, so that mail programs show it once. */
  messageId: string;
}

/** Who the server took it for, and whom it refused while taking it for others. */
export interface MailReceipt {
  messageId: string;
  accepted: string[];
  rejected: string[];
}

/** A message id that is a function of the effect's key: `<hash@domain>` (RFC 5322, 3.6.4). */
export function makeMessageId(key: string, domain: string): string {
  const safeDomain = /^[a-z0-9.-]+$/i.test(domain) ? domain : 'windlass.invalid';
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${safeDomain}>`;
}

/**
 * Hands one mail to the server.
 * @throws NotifyFailure; `unknown` when the line broke while the message was on its way
 */
export async function sendMail(message: MailMessage): Promise<MailReceipt> {
  const info = await converse(message, (transport) =>
    transport.sendMail({
      from: message.from,
      to: [...message.to],
      subject: message.subject.replace(/[\r\n]+/g, ' '),
      text: message.text,
      messageId: message.messageId,
      // Tells out-of-office robots to keep quiet (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
    }),
  );
  return {
    messageId: message.messageId,
    accepted: info.accepted.map(addressOf),
    rejected: info.rejected.map(addressOf),
  };
}

/**
 * Greets the server and logs in, as for a mail, and leaves again.
 * @throws NotifyFailure
 */
export async function greetMailServer(call: MailCall): Promise<void> {
  await converse(call, (transport) => transport.verify());
}

async function converse<T>(
  { smtp, signal, timeoutMs = LIMITS_MS.request }: MailCall,
  talk: (transport: ReturnType<typeof openTransport>) => Promise<T>,
): Promise<T> {
  const transport = openTransport(smtp, timeoutMs);
  const stop = limitSignal(timeoutMs, signal);
  let onStop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    onStop = () => reject(Object.assign(new Error('gave up waiting'), { code: 'ETIMEDOUT' }));
  });
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  try {
    return await Promise.race([talk(transport), stopped]);
  } catch (error) {
    throw describeMailFailure(error, smtp);
  } finally {
    stop.removeEventListener('abort', onStop);
    transport.close();
  }
}

function openTransport(smtp: SmtpServer, timeoutMs: number) {
  return createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.secure,
    requireTLS: !smtp.secure && (smtp.requireTls ?? smtp.password !== undefined),
    ...(smtp.user === undefined ? {} : { auth: { user: smtp.user, pass: smtp.password ?? '' } }),
    ...(smtp.ca === undefined ? {} : { tls: { ca: smtp.ca } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Neither a file nor an address of the outside may become content by way of a message's fields.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

// Node's names for a certificate that cannot be trusted, and for a TLS that does not come about.
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_|ALTNAME|ERR_TLS|ERR_SSL|EPROTO/;

function addressOf(entry: string | { address: string }): string {
  return typeof entry === 'string' ? entry : entry.address;
}

function describeMailFailure(error: unknown, smtp: SmtpServer): NotifyFailure {
  const { code, originalCode, responseCode, syscall, message } = error as {
    code?: string;
    originalCode?: string;
    responseCode?: number;
    syscall?: string;
    message: string;
  };
  const said = quoteOutside(message, [smtp.password, smtp.password && encodeLogin(smtp)]);
  const happened = `The mail server ${smtp.host}:${smtp.port} did not take the message (${said}).`;
  const untrusted = code === 'ETLS' || UNTRUSTED.test(`${code} ${originalCode}`);
  if (code === 'EAUTH' || untrusted || code === 'EENVELOPE' || responseCode !== undefined) {
    const temporary = responseCode !== undefined && responseCode >= 400 && responseCode < 500;
    return new NotifyFailure({
      happened,
      outcome: 'unchanged',
      retryable: temporary,
      advice: adviceFor(untrusted ? 'ETLS' : code, temporary),
      status: responseCode,
    });
  }
  const reached = !wasNeverReached(code) && syscall !== 'connect';
  return new NotifyFailure({
    happened,
    outcome: reached ? 'unknown' : 'unchanged',
    retryable: true,
    advice: 'Check that the mail server is up and that its address is right; it is tried again.',
  });
}

function adviceFor(code: string | undefined, temporary: boolean): string {
  if (temporary) return 'It is tried again.';
  if (code === 'EAUTH') return 'Check user and password of the mail server.';
  if (code === 'ETLS')
    return 'The server offers no TLS that can be trusted: give its certificate, or another port.';
  return 'Check the addresses of sender and receivers.';
}

function encodeLogin(smtp: SmtpServer): string {
  return Buffer.from(`\u0000${smtp.user ?? ''}\u0000${smtp.password ?? ''}`).toString('base64');
}
