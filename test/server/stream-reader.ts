import { get, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';

/** One message of a stream; a message without a type of its own is an event of the log. */
interface Message {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

export interface StreamReader {
  readonly messages: readonly Message[];
  readonly headers: IncomingMessage['headers'];
  /** Resolves with the first message, past or to come, that matches; rejects when the stream ends without one. */
  until(matches: (message: Message) => boolean): Promise<Message>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Reads server-sent events as a browser does, from `/api/stream` of this server. */
export function readStream(
  origin: string,
  headers: Readonly<Record<string, string>> = {},
  query = '',
  localAddress?: string,
): Promise<StreamReader> {
  return new Promise((resolve, reject) => {
    const sent = get(
      `${origin}/api/stream${query}`,
      { agent: false, headers, ...(localAddress !== undefined && { localAddress }) },
      (reply) => {
        if (reply.statusCode === 200) resolve(readerOf(reply, () => sent.destroy()));
        else reject(new Error(`The stream is answered with ${reply.statusCode}.`));
      },
    );
    sent.on('error', reject);
    onTestFinished(() => void sent.destroy());
  });
}

/** Resolves when a stream is live: it begins with the state of the watcher. */
export function live(reader: StreamReader): Promise<Message> {
  return reader.until(({ type }) => type === 'watcher');
}

function readerOf(reply: IncomingMessage, close: () => void): StreamReader {
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  let unread = '';
  let over = false;
  const look = (): void => {
    for (const each of waiting) each();
  };
  reply.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (unread + text).split('\n\n');
    unread = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = messageOf(block);
      if (message !== undefined) messages.push(message);
    }
    look();
  });
  const ended = new Promise<void>((resolve) => {
    reply.once('close', () => {
      over = true;
      look();
      resolve();
    });
  });
  reply.on('error', () => {});
  return {
    messages,
    headers: reply.headers,
    ended,
    close,
    until: (matches) =>
      new Promise((resolve, reject) => {
        let seen = 0;
        const find = (): void => {
          const found = messages.slice(seen).find(matches);
          seen = messages.length;
          if (found === undefined && !over) return;
          waiting.delete(find);
          if (found === undefined) reject(new Error('The stream ended without the message.'));
          else resolve(found);
        };
        waiting.add(find);
        find();
      }),
  };
}

function messageOf(block: string): Message | undefined {
  const field = (name: string): string | undefined =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const data = field('data');
  if (data === undefined) return undefined;
  return {
    type: field('event') ?? 'message',
    id: field('id'),
    data: JSON.parse(data) as Record<string, unknown>,
  };
}
