import { startDeadline } from '../../atlas/abort.ts';
import type { Redact } from '../../atlas/quote.ts';
import { isLoopback } from '../../config/address-schemas.ts';
import type { SinkSettings } from '../../config/sink-settings.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { stopped } from '../fault.ts';
import type { Known, Outcome, Sender } from '../sender.ts';
import { mailOf } from './mail.ts';
import { acceptedOutcome, type MailFault, mailFaultOutcome } from './outcome.ts';

export type EmailSettings = Extract<SinkSettings, { readonly type: 'email' }>;

/**
 * Returns a sender that gives each message to one mail server, over a connection of its own.
 *
 * `smtps:` is encrypted from the start. `smtp:` is encrypted where the server offers STARTTLS; where a password is sent
 * to another machine, it must. A certificate is checked wherever encryption is required: elsewhere, who can present a
 * wrong one can as well take the offer away.
 */
export function createSmtpSender(settings: EmailSettings, { redact }: { readonly redact: Redact }): Sender {
  const url = new URL(settings.url);
  const closing = new AbortController();

  const send = async (record: EventRecord, known: Known, signal: AbortSignal): Promise<Outcome> => {
    const ends = AbortSignal.any([signal, closing.signal]);
    const deadline = startDeadline(ends, settings.timeout);
    try {
      // Loaded by those who send e-mail, at the first one.
      const { createTransport } = await import('nodemailer');
      const transport = createTransport(connectionOf(url, settings));
      const mail = mailOf(record, known, settings);
      const { response, rejected } = await transport.sendMail({
        ...mail,
        to: [...mail.to],
        attachments: [...mail.attachments],
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: deadline.signal,
      });
      return acceptedOutcome({ response, rejected: rejected.map(addressText) }, redact);
    } catch (error) {
      if (ends.aborted) return stopped;
      const fault: MailFault = error instanceof Error ? error : { message: '' };
      return mailFaultOutcome(deadline.passed ? { code: 'ETIMEDOUT', message: '' } : fault, url.host, redact);
    } finally {
      deadline.release();
    }
  };

  return {
    send,
    close() {
      closing.abort(new Error('the sender is closed'));
      return Promise.resolve();
    },
  };
}

/** Returns how to connect, in the terms of nodemailer. */
export function connectionOf(url: URL, { password, timeout }: EmailSettings) {
  const secure = url.protocol === 'smtps:';
  const isLocal = isLoopback(url.hostname);
  const user = decodeURIComponent(url.username);
  const mustEncrypt = secure || (password !== undefined && !isLocal);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(url.port !== '' && { port: Number(url.port) }),
    secure,
    requireTLS: mustEncrypt,
    opportunisticTLS: !mustEncrypt,
    ...(password !== undefined && { auth: { user, pass: password } }),
    tls: { rejectUnauthorized: mustEncrypt },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    allowInternalNetworkInterfaces: isLocal,
  };
}

function addressText(address: unknown): string {
  if (typeof address === 'string') return address;
  return typeof address === 'object' && address !== null && 'address' in address
    ? String(address.address)
    : '';
}
