import { cleanText } from '../../atlas/clean-text.ts';
import type { Redact } from '../../atlas/quote.ts';
import type { Outcome } from '../sender.ts';

/** What the mail client says of a fault. */
export interface MailFault {
  readonly code?: string | undefined;
  readonly originalCode?: string | undefined;
  /** What was answered, or was under way: `RCPT TO`. */
  readonly command?: string | undefined;
  readonly message: string;
  /** Of the server's reply, where there was one. */
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
}

/** What the mail client says of a message that the server took, at least for some. */
export interface Accepted {
  readonly response: string;
  readonly rejected: readonly string[];
}

const longestQuote = 200;

/** Returns what comes of a message that was taken. */
export function acceptedOutcome({ response, rejected }: Accepted, redact: Redact): Outcome {
  const refused =
    rejected.length === 0 ? '' : `, but not for ${cleanText(redact(rejected.join(', ')), longestQuote)}`;
  return {
    result: 'delivered',
    answer: `SMTP ${said(response, redact)}${refused}`,
    remedy: rejected.length === 0 ? '' : 'Check these addresses under to.',
    status: codeOf(response),
  };
}

/** Returns what comes of a message that was not. `host` is that of the server. */
export function mailFaultOutcome(fault: MailFault, host: string, redact: Redact): Outcome {
  const { responseCode: status, response, command } = fault;
  if (status === undefined) return withoutReply(fault, host);
  const answer = `SMTP ${said(response ?? String(status), redact)}`;
  const result = resultOf(status, command);
  return { result, answer, remedy: remedyOf(status, result), status };
}

/**
 * RFC 5321 §4.2 and RFC 4954 §6. What is not about the message itself may be put right: Postfix answers 554 to a
 * recipient when it relays nothing for this machine, and 552 to a recipient is a full mailbox.
 */
function resultOf(status: number, command: string | undefined): Outcome['result'] {
  if (status < 500) return 'failed';
  const isTooLarge = status === 552 && command === 'MAIL FROM';
  const isRejected = (status === 552 || status === 554) && command === 'DATA';
  return isTooLarge || isRejected ? 'rejected' : 'refused';
}

function remedyOf(status: number, result: Outcome['result']): string {
  if (result === 'failed') return 'Wait, or look into the log of the mail server.';
  if (result === 'rejected')
    return 'The server will not take this message, so the next ones are sent. Look into its log for the reason.';
  if (status === 530 || status === 534 || status === 535 || status === 538)
    return 'Check the user in the address and the password in passwordFile.';
  return 'Check the addresses under from and to, and whether the server lets this machine send.';
}

function withoutReply({ code, originalCode, message }: MailFault, host: string): Outcome {
  const cause = originalCode ?? code;
  const reach = `Check the address, and that this machine reaches ${host}.`;
  switch (code) {
    case 'EDNS':
      return failed(`The host name ${host} could not be looked up (${cause})`, reach);
    case 'ETIMEDOUT':
    case 'EABORT':
      return failed(`${host} did not answer in time`, `${reach} If it is only slow, raise timeout.`);
    case 'ETLS':
    case 'EREQUIRETLS':
      return failed(
        `${host} offers no encrypted connection, which a password needs`,
        'Use smtps://, or a server that offers STARTTLS.',
      );
    case 'EAUTH':
    case 'ENOAUTH':
      return {
        result: 'refused',
        answer: `${host} offers no way to sign in that is known here`,
        remedy: 'Remove user and password if the server wants none; else use another server.',
      };
    case 'EENVELOPE':
      return {
        result: 'refused',
        answer: 'An address under from or to is not one',
        remedy: 'Correct from and to.',
      };
    case 'EMESSAGE':
      return {
        result: 'rejected',
        answer: `${host} takes no message of this size`,
        remedy: 'The next events are sent. Raise the limit of the server.',
      };
    default:
      return /certificate|self-signed/i.test(message)
        ? failed(
            `The certificate of ${host} is not trusted (${cause})`,
            `Check the certificate of ${host}. Name a private authority in NODE_EXTRA_CA_CERTS.`,
          )
        : failed(`The connection to ${host} failed (${cause ?? 'no reason given'})`, reach);
  }
}

function failed(answer: string, remedy: string): Outcome {
  return { result: 'failed', answer, remedy };
}

function said(response: string, redact: Redact): string {
  return cleanText(redact(response), longestQuote);
}

function codeOf(response: string): number | undefined {
  const code = /^\d{3}/.exec(response)?.[0];
  return code === undefined ? undefined : Number(code);
}
