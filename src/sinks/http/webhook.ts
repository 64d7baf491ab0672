import { createHmac } from 'node:crypto';
import { eventSchemaId } from '../../events/catalogue.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { type Lateness, latenessOf } from '../lateness.ts';
import type { Known } from '../sender.ts';
import { textField } from '../text-field.ts';
import type { HttpMessage } from './request.ts';

/**
 * Returns an event as a CloudEvent 1.0 in structured mode, signed as Standard Webhooks specifies, once with each key.
 * The `time` of the CloudEvent is when the event happened; `webhook-timestamp` is when it is sent.
 */
export function webhookMessage(record: EventRecord, known: Known, keys: readonly string[]): HttpMessage {
  const id = textField(record, 'eventId') ?? '';
  const body = JSON.stringify(cloudEvent(record, known));
  const timestamp = String(Math.floor(known.now / 1000));
  const signed = `${id}.${timestamp}.${body}`;
  return {
    body,
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      ...(keys.length > 0 && { 'webhook-signature': keys.map((key) => signature(signed, key)).join(' ') }),
    },
  };
}

function cloudEvent(record: EventRecord, known: Known): object {
  const late = latenessOf(record, known);
  const subject = textField(record, 'migration');
  return {
    specversion: '1.0',
    id: record.eventId,
    type: `cutover-watch.${record.event}`,
    source: known.title === undefined ? '/cutover-watch' : `/cutover-watch/${encoded(known.title)}`,
    ...(subject !== undefined && { subject }),
    time: record.time,
    datacontenttype: 'application/json',
    dataschema: eventSchemaId,
    data: { ...record, ...(late !== undefined && { delivery: deliveryFields(late, known.now) }) },
  };
}

/** Returns what was not true, or not known, when the event happened. */
function deliveryFields({ lateSeconds, window, sentence }: Lateness, now: number): object {
  return {
    lateSeconds,
    msg: sentence,
    ...(window === 'ended' && { ready: false }),
    ...(typeof window === 'object' && {
      ready: true,
      deadline: new Date(window.deadline).toISOString(),
      deadlineEstimated: window.estimated,
      remainingSeconds: Math.round((window.deadline - now) / 1000),
    }),
  };
}

/** Half a surrogate pair has no percent-encoding. */
function encoded(title: string): string {
  return encodeURIComponent(title.toWellFormed());
}

/** A key is base64 after its prefix (Standard Webhooks, "Symmetric"). */
function signature(signed: string, key: string): string {
  const bytes = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', bytes).update(signed).digest('base64')}`;
}
