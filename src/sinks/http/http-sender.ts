import { startDeadline } from '../../atlas/abort.ts';
import { AtlasError } from '../../atlas/atlas-error.ts';
import type { Redact } from '../../atlas/quote.ts';
import { createTransport, type HttpReply } from '../../atlas/transport.ts';
import type { SinkSettings } from '../../config/sink-settings.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { faultOutcome, stopped } from '../fault.ts';
import { type IncidentChange, incidentChanges } from '../incidents.ts';
import { selectedChanges } from '../selection.ts';
import type { Known, Outcome, Sender } from '../sender.ts';
import { outcomeOf } from './outcome.ts';
import { pagerDutyMessage } from './pagerduty.ts';
import type { HttpMessage } from './request.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';
import { webhookMessage } from './webhook.ts';

export type HttpSinkSettings = Exclude<SinkSettings, { readonly type: 'email' }>;

export interface SenderOptions {
  readonly version: string;
  /** Removes all secrets that the program knows from a text. */
  readonly redact: Redact;
}

/** Returns the messages for an event, in the order in which they are sent. */
export function messagesFor(
  settings: HttpSinkSettings,
  record: EventRecord,
  known: Known,
): readonly HttpMessage[] {
  switch (settings.type) {
    case 'webhook':
      return [webhookMessage(record, known, settings.keys)];
    case 'slack':
      return [slackMessage(record, known)];
    case 'teams':
      return [teamsMessage(record, known)];
    case 'pagerduty': {
      const { routingKey } = settings;
      return changesToSend(settings, record).map((change) =>
        pagerDutyMessage(record, known, { routingKey, change }),
      );
    }
  }
}

/** What is sent on request, such as a test, changes no incident of a migration: it is one of its own. */
function changesToSend(settings: HttpSinkSettings, record: EventRecord): readonly IncidentChange[] {
  const all = incidentChanges(record);
  const selected = record.event === 'watcher.notification_test' ? all : selectedChanges(settings, record);
  if (selected.length > 0) return selected;
  return all.length > 0 ? all : [{ incident: 'event', action: 'trigger' }];
}

/** Returns a sender that posts to one address, over a connection of its own. */
export function createHttpSender(settings: HttpSinkSettings, { version, redact }: SenderOptions): Sender {
  const url = new URL(settings.url);
  const transport = createTransport({
    baseUrl: url.origin,
    userAgent: `cutover-watch/${version}`,
    peer: url.hostname,
    concurrency: 1,
    requestTimeoutMs: settings.timeout,
    proxy: settings.proxy,
    redact,
  });
  const authorization = basicAuthorization(url);

  const post = async ({ body, headers }: HttpMessage, signal: AbortSignal): Promise<HttpReply> => {
    const all = { ...headers, ...(authorization !== undefined && { authorization }) };
    const attempt = () => transport.post(url.pathname + url.search, body, all, signal);
    try {
      return await attempt();
    } catch (error) {
      // The receiver closed an idle connection while the message was on its way.
      if (error instanceof AtlasError && error.connectionGone) return await attempt();
      throw error;
    }
  };

  const send = async (record: EventRecord, known: Known, signal: AbortSignal): Promise<Outcome> => {
    const deadline = startDeadline(signal, settings.timeout);
    let outcome: Outcome = { result: 'delivered', answer: 'nothing to send', remedy: '' };
    try {
      for (const message of messagesFor(settings, record, known)) {
        outcome = outcomeOf(settings.type, await post(message, deadline.signal), known.now);
        if (outcome.result !== 'delivered') return outcome;
      }
      return outcome;
    } catch (error) {
      if (signal.aborted) return stopped;
      const fault = deadline.passed ? timeoutFault(settings.timeout) : error;
      return faultOutcome(fault instanceof AtlasError ? fault : programFault(fault), url.host);
    } finally {
      deadline.release();
    }
  };

  return { send, close: () => transport.close() };
}

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function timeoutFault(timeoutMs: number): AtlasError {
  return new AtlasError({ kind: 'timeout', detail: `No complete reply within ${timeoutMs / 1000} s.` });
}

/** Its message may quote what was sent. */
function programFault(cause: unknown): AtlasError {
  return new AtlasError({ kind: 'internal', detail: 'The message could not be made or sent.', cause });
}
