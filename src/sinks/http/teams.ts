import type { EventRecord } from '../../events/event-record.ts';
import { messageOf } from '../message.ts';
import type { Known } from '../sender.ts';
import { type HttpMessage, jsonMessage } from './request.ts';

/** Returns an event as a message for a webhook of Teams Workflows: an Adaptive Card. It stays under Teams' 28 KB. */
export function teamsMessage(record: EventRecord, known: Known): HttpMessage {
  const { text, late, facts, origin } = messageOf(record, known);
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      ...(late === undefined ? [] : [block({ text: literal(late), weight: 'Bolder' })]),
      block({ text: literal(text), color: colors[record.level], weight: 'Bolder' }),
      ...facts.map(({ name, value }) =>
        block({ text: `${name}: `, weight: 'Bolder' }, { text: literal(value), isSubtle: true }),
      ),
      block({ text: literal(origin), isSubtle: true, size: 'Small' }),
    ],
  };
  return jsonMessage({
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  });
}

const colors = { error: 'Attention', warn: 'Warning', info: 'Default', debug: 'Default' } as const;

/** Unlike in a `TextBlock`, Markdown is not read in a `TextRun`: no name becomes a link or bold. */
function block(...runs: readonly object[]): object {
  return {
    type: 'RichTextBlock',
    spacing: 'Small',
    inlines: runs.map((run) => ({ type: 'TextRun', ...run })),
  };
}

/** Cards replace `{{DATE(...)}}` and `{{TIME(...)}}` in any text. */
function literal(text: string): string {
  return text.replaceAll('{{', '{ {');
}
