import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { lineSchema } from '../../../src/events/json-schema.ts';
import { webhookMessage } from '../../../src/sinks/http/webhook.ts';
import { never } from '../../atlas/connect.ts';
import { eventNames, sampledAt, sampleEvent } from '../../events/sample-events.ts';
import { hour } from '../../watch/sample-migrations.ts';
import { openSender, sinkSettings, startReceiver, whsec } from '../receivers.ts';

const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const inTime = { now: sampledAt };

/** Reads a request as the library of CloudEvents does, and validates it. */
function cloudEvent({ headers, body }: { readonly headers: object; readonly body: string }) {
  const event = HTTP.toEvent<Record<string, unknown>>({ headers: { ...headers }, body });
  if (!(event instanceof CloudEvent)) throw new Error('not one event');
  event.validate();
  return event as CloudEvent<Record<string, unknown>>;
}

test('what arrives is a CloudEvent with a signature of Standard Webhooks, to libraries of others', async () => {
  const { baseUrl, received } = await startReceiver((response) => response.writeHead(202).end('{"ok":true}'));
  const sender = openSender(sinkSettings('webhook', { url: `${baseUrl}/hooks/watch?token=abcdefgh` }));
  const now = Date.now();
  const record = { ...sampleEvent('migration.ready_for_cutover'), time: new Date(now).toISOString() };
  expect(await sender.send(record, { now, title: 'Prüfung / EU' }, never)).toEqual({
    result: 'delivered',
    answer: 'HTTP 202: {"ok":true}',
    remedy: '',
    status: 202,
  });
  const [request] = received;
  if (request === undefined) throw new Error('nothing came');
  expect(request).toMatchObject({ method: 'POST', path: '/hooks/watch?token=abcdefgh' });
  expect(request.headers['user-agent']).toBe('cutover-watch/0.1.0');
  expect(new Webhook(whsec).verify(request.body, request.headers as Record<string, string>)).toMatchObject({
    specversion: '1.0',
  });
  expect(cloudEvent(request).toJSON()).toEqual({
    specversion: '1.0',
    id: '0123456789abcdef0123456789abcdef',
    type: 'cutover-watch.migration.ready_for_cutover',
    source: '/cutover-watch/Pr%C3%BCfung%20%2F%20EU',
    subject: 'orders',
    time: record.time,
    datacontenttype: 'application/json',
    dataschema: 'urn:cutover-watch:events:1',
    data: record,
  });
});

test.each(eventNames)(
  '%s is a valid CloudEvent whose data fit the schema of the events, late or not',
  (name) => {
    const record = { ...sampleEvent(name), eventId: '0123456789abcdef0123456789abcdef' };
    for (const known of [inTime, { now: sampledAt + hour, window: 'ended' as const }]) {
      const event = cloudEvent(webhookMessage(record, known, []));
      expect(event.source).toBe('/cutover-watch');
      expect(lineSchema(name).safeParse(event.data).error).toBeUndefined();
    }
  },
);

test('a late event says beside its own fields what is true now', () => {
  const window = { deadline: sampledAt + 9 * hour, estimated: false };
  const message = webhookMessage(
    sampleEvent('migration.cutover_reminder'),
    { now: sampledAt + hour, window },
    [],
  );
  expect(cloudEvent(message).data?.delivery).toEqual({
    lateSeconds: 3_600,
    msg: 'This message is 1 h late: it is of Mon 23 Nov 23:00 UTC. Now 8 h are left, until Tue 24 Nov 08:00 UTC.',
    ready: true,
    deadline: '2026-11-24T08:00:00.000Z',
    deadlineEstimated: false,
    remainingSeconds: 28_800,
  });
});

test('during a rotation each key verifies, and another one does not', () => {
  const record = { ...sampleEvent('migration.failed'), migration: 'Größe 😀 <b>' };
  const { body, headers } = webhookMessage(record, { now: Date.now() }, [whsec, other.replace('whsec_', '')]);
  for (const key of [whsec, other]) expect(() => new Webhook(key).verify(body, { ...headers })).not.toThrow();
  expect(() => new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA').verify(body, { ...headers })).toThrow();
  expect(() => new Webhook(whsec).verify(body.replace('Größe', 'Grösse'), { ...headers })).toThrow();
});

test('without a key there is no signature', () => {
  expect(Object.keys(webhookMessage(sampleEvent('migration.failed'), inTime, []).headers)).toEqual([
    'content-type',
    'webhook-id',
    'webhook-timestamp',
  ]);
});
