import type { EventRecord } from '../../events/event-record.ts';
import { messageOf } from '../message.ts';
import type { Known } from '../sender.ts';
import { type HttpMessage, jsonMessage } from './request.ts';

/** Slack's limit for a text object, in characters. */
const longestText = 3_000;

/** Returns an event as a message for an incoming webhook of Slack. */
export function slackMessage(record: EventRecord, known: Known): HttpMessage {
  const { text, late, facts, origin } = messageOf(record, known);
  const whole = late === undefined ? text : `${late} ${text}`;
  const details = facts.map(({ name, value }) => `${name}: ${value}`).join(' · ');
  return jsonMessage({
    // What the notification of a device shows. The blocks take its place in the channel.
    text: escaped(`${signs[record.level]} ${whole}`),
    mrkdwn: false,
    blocks: [
      ...(late === undefined ? [] : [section(late)]),
      section(`${signs[record.level]} ${text}`),
      { type: 'context', elements: [plainText(`${origin} · ${details}`)] },
    ],
  });
}

const signs = { error: '🔴', warn: '🟠', info: 'ℹ️', debug: 'ℹ️' } as const;

function section(text: string): object {
  return { type: 'section', text: plainText(text) };
}

/** In a `plain_text` nothing is markup, so no name becomes a mention, a link or bold. */
function plainText(text: string): object {
  return { type: 'plain_text', text: escaped(text), emoji: false };
}

/**
 * Escapes the characters that begin mentions and links (docs.slack.dev, "Formatting message text"), within the limit and
 * never through the middle of an escaped one.
 */
function escaped(text: string): string {
  const whole = text.replaceAll(/[&<>]/g, (character) => escapes[character] ?? character);
  if (whole.length <= longestText) return whole;
  const parts = Array.from(text, (character) => escapes[character] ?? character);
  let length = 0;
  const end = parts.findIndex((part) => {
    length += part.length;
    return length > longestText - 1;
  });
  return end === -1 ? parts.join('') : `${parts.slice(0, end).join('')}…`;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
