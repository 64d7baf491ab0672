import { cleanText } from '../../atlas/clean-text.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { type IncidentChange, incidentKey } from '../incidents.ts';
import { latenessOf } from '../lateness.ts';
import { originOf } from '../message.ts';
import type { Known } from '../sender.ts';
import { textField } from '../text-field.ts';
import { type HttpMessage, jsonMessage } from './request.ts';

/** PagerDuty's limit, in characters. */
const longestSummary = 1_024;

/**
 * Returns what an event does to one incident as an event of PagerDuty's Events API v2. A late trigger of a readiness
 * that has ended meanwhile resolves: nobody is called for what is over.
 */
export function pagerDutyMessage(
  record: EventRecord,
  known: Known,
  { routingKey, change }: { readonly routingKey: string; readonly change: IncidentChange },
): HttpMessage {
  const { incident } = change;
  const late = latenessOf(record, known);
  const isOver = incident === 'readiness' && late?.window === 'ended';
  const action = isOver && change.action === 'trigger' ? 'resolve' : change.action;
  const origin = originOf(known);
  const envelope = {
    routing_key: routingKey,
    event_action: action,
    dedup_key: incidentKey(record, incident, origin),
  };
  if (action !== 'trigger') return jsonMessage(envelope);
  const { level, time, service: _service, event, msg, migration: _name, groupId: _id, ...details } = record;
  const component = textField(record, 'migration');
  const group = textField(record, 'groupId');
  const words = late === undefined ? msg : `${late.sentence} ${msg}`;
  return jsonMessage({
    ...envelope,
    client: origin,
    payload: {
      summary: cleanText(words, longestSummary),
      source: origin,
      severity: severities[level],
      timestamp: time,
      ...(component !== undefined && { component }),
      ...(group !== undefined && { group }),
      class: event,
      custom_details: { msg, ...details },
    },
  });
}

const severities = { error: 'critical', warn: 'warning', info: 'info', debug: 'info' } as const;
