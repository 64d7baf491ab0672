import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { secretsOfNotifications } from '../../src/config/receiver-secrets.ts';
import type { SinkSettings } from '../../src/config/sink-settings.ts';
import { Redactor } from '../../src/events/redactor.ts';
import type { Sender } from '../../src/sinks/sender.ts';
import { createSender } from '../../src/sinks/senders.ts';
import { listen } from '../atlas/connect.ts';

/** What one request brought. */
interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Starts a receiver on the loopback interface that notes everything, until the end of the test. */
export async function startReceiver(answer: (response: ServerResponse, nth: number) => void) {
  const received: Received[] = [];
  const { baseUrl, server } = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      answer(response, received.length);
    });
  });
  return { baseUrl, server, received };
}

export const routingKey = 'R0123456789ABCDEFGHIJ0123456789A';
export const whsec = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const common = {
  name: 'on-call',
  url: 'https://hooks.example.com/services/T0001/B0001/abcdefghijkl',
  level: 'info',
  events: [],
  labels: {},
  timeout: 5_000,
  giveUpAfter: 259_200_000,
  proxy: undefined,
} as const;

const own = {
  webhook: { type: 'webhook', keys: [whsec] },
  slack: { type: 'slack' },
  teams: { type: 'teams' },
  pagerduty: { type: 'pagerduty', routingKey },
  email: {
    type: 'email',
    password: undefined,
    from: 'Cutover watch <watch@example.com>',
    to: ['dba@example.com'],
  },
} as const;

/** Settings of a receiver of this type, with some of them changed. */
export function sinkSettings<Type extends SinkSettings['type']>(
  type: Type,
  changes: Partial<Extract<SinkSettings, { type: Type }>> = {},
): Extract<SinkSettings, { type: Type }> {
  const settings: unknown = { ...common, ...own[type], ...changes };
  return settings as Extract<SinkSettings, { type: Type }>;
}

/** A sender that the end of the test closes. The secrets of the receiver are redacted as when the program reads them. */
export function openSender(settings: SinkSettings, ...secrets: readonly string[]): Sender {
  const redactor = new Redactor();
  for (const secret of [...secretsOfNotifications({ sinks: [settings], ping: undefined }), ...secrets])
    redactor.register(secret);
  const sender = createSender(settings, { version: '0.1.0', redact: (text) => redactor.text(text) });
  onTestFinished(() => sender.close());
  return sender;
}
