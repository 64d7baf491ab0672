/**
 * Receivers of notifications in a process of their own, which may be killed at any time: webhooks, and a mail server.
 * Each message is in the file before it is answered. Usage: receiver-process.ts FILE HTTP_PORT SMTP_PORT KEY
 */
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';

/** One message, as a line of the file. */
export interface ReceivedMessage {
  readonly sink: string;
  readonly id: string;
  /** Whether its signature is right, as others verify it; a mail has none. */
  readonly isValid: boolean;
  /** The event, of a webhook. */
  readonly body?: { readonly id: string; readonly data: Readonly<Record<string, unknown>> };
}

const [, , file = '', httpPort = '0', smtpPort = '0', key = ''] = process.argv;
const verifier = new Webhook(key);

function keep(message: ReceivedMessage): void {
  appendFileSync(file, `${JSON.stringify(message)}\n`);
}

function isValid(body: string, headers: IncomingHttpHeaders): boolean {
  try {
    verifier.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

const webhooks = createServer((request, response) => void take(request, response));

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request).catch(() => undefined);
  if (body === undefined) return;
  const { url = '', headers } = request;
  const id = String(headers['webhook-id']);
  keep({ sink: url.slice(1), id, isValid: isValid(body, headers), body: JSON.parse(body) });
  response.writeHead(204).end();
}

const mails = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  async onData(stream, _session, callback) {
    // A client that is killed ends its connection in the middle.
    const mail = await text(stream).catch(() => undefined);
    if (mail === undefined) return;
    keep({ sink: 'mail', id: /^message-id: <([^@>]+)@/im.exec(mail)?.[1] ?? '', isValid: true });
    callback();
  },
});
mails.on('error', () => {});

await Promise.all([
  new Promise<void>((resolve) => webhooks.listen(Number(httpPort), '127.0.0.1', resolve)),
  new Promise<void>((resolve) => mails.listen(Number(smtpPort), '127.0.0.1', resolve)),
]);
process.send?.('listening');
process.on('disconnect', () => process.exit());
