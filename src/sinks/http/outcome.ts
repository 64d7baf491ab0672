import { quote } from '../../atlas/quote.ts';
import { parseRetryAfter } from '../../atlas/retry.ts';
import { type HttpReply, headerValue } from '../../atlas/transport.ts';
import type { SinkSettings } from '../../config/sink-settings.ts';
import type { Outcome } from '../sender.ts';

/** The types of receivers that are reached by HTTP. */
export type HttpSinkType = Exclude<SinkSettings['type'], 'email'>;

/** So many characters of a reply are shown: receivers explain there what they refuse. */
const longestQuote = 200;

const transient = new Set([408, 425, 429]);
const hopeless = new Set([400, 413, 422]);

/** What some receivers answer with a status of {@link hopeless} while nothing is wrong with the event. */
const mistakes: Readonly<Partial<Record<HttpSinkType, RegExp>>> = {
  // A wrong key is a malformed event to PagerDuty.
  pagerduty: /routing[_ ]key/i,
  // A workflow that was turned off.
  teams: /TriggerIsNotEnabled|is not enabled|disabled/i,
};

/** Returns what a reply says of a delivery. `now` in ms since 1970. */
export function outcomeOf(type: HttpSinkType, reply: HttpReply, now: number): Outcome {
  const { status } = reply;
  const said = quote(reply, reply.body, longestQuote);
  const answer = `HTTP ${status}${said === undefined ? '' : `: ${said}`}`;
  const result = resultOf(type, reply);
  const retryAfterMs = result === 'failed' || result === 'refused' ? waitOf(reply, now) : undefined;
  return {
    result,
    answer,
    remedy: remedyOf(type, result, status),
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function waitOf(reply: HttpReply, now: number): number | undefined {
  return parseRetryAfter(headerValue(reply, 'retry-after'), now);
}

function resultOf(type: HttpSinkType, { status, body }: HttpReply): Outcome['result'] {
  if (status >= 200 && status < 300) return 'delivered';
  if (status === 410) return 'gone';
  if (transient.has(status) || status >= 500 || status < 200) return 'failed';
  if (hopeless.has(status) && mistakes[type]?.test(body) !== true) return 'rejected';
  return 'refused';
}

function remedyOf(type: HttpSinkType, result: Outcome['result'], status: number): string {
  switch (result) {
    case 'delivered':
      return '';
    case 'failed':
      return status === 429
        ? 'Wait: the receiver asks for fewer messages. If this happens again, send it fewer events (level, events, labels).'
        : 'Wait, or look into the log of the receiver.';
    case 'rejected':
      return 'The receiver will not take this event, so the next ones are sent. Look into the log of the receiver for what is wrong with it.';
    case 'gone':
      return `${newAddress[type]} Then reload the configuration: until then nothing is sent there.`;
    case 'refused':
      return status >= 300 && status < 400
        ? 'The address leads to another one, which is not followed. Give the final address.'
        : corrections[type];
  }
}

const newAddress: Readonly<Record<HttpSinkType, string>> = {
  webhook: 'The receiver wants nothing any more. Give another address, or remove it.',
  slack:
    'Slack takes nothing there any more: the channel may be archived. Add a webhook for another channel, and give its address.',
  teams: 'The workflow does not exist any more. Create another one in Teams, and give its address.',
  pagerduty: 'PagerDuty takes nothing there any more. Check the address.',
};

const corrections: Readonly<Record<HttpSinkType, string>> = {
  webhook: 'Check the address, the key in secretFile, and whether the receiver lets this machine in.',
  slack:
    'Check the address. If the webhook was removed or its app lost access, add another one in Slack, and give its address.',
  teams: 'Check the address, and in Teams whether the workflow is turned on and lets anyone trigger it.',
  pagerduty:
    'Check the routing key in secretFile: it is the integration key of an Events API v2 integration.',
};
