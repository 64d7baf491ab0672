import { describe, expect, test } from 'vitest';
import type { EventRecord } from '../../../src/events/event-record.ts';
import { slackMessage } from '../../../src/sinks/http/slack.ts';
import { teamsMessage } from '../../../src/sinks/http/teams.ts';
import type { Known } from '../../../src/sinks/sender.ts';
import { eventNames, sampledAt, sampleEvent } from '../../events/sample-events.ts';
import { hour } from '../../watch/sample-migrations.ts';

interface Text {
  readonly type: string;
  readonly text: string;
}
interface SlackBody {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: Text;
    readonly elements?: readonly Text[];
  }[];
}
interface TeamsBody {
  readonly attachments: readonly {
    readonly content: {
      readonly body: readonly { readonly type: string; readonly inlines: readonly Text[] }[];
    };
  }[];
}

const inTime: Known = { now: sampledAt, title: 'prod' };
const hostile =
  '<!here> @channel <@U123> <https://evil.example.com|Log in> *bold* [a](https://b) {{DATE(2026-11-23T00:00:00Z)}} & \u202Eabc\nsecond 😀';

/** An event with this name of its migration, as its sentence has it too. */
function named(name: string): EventRecord {
  const record = sampleEvent('migration.ready_for_cutover', { migration: name });
  return { ...record, labels: { team: name } };
}

/** Every text object of a message for Slack. */
function slackTexts({ blocks }: SlackBody): Text[] {
  return blocks.flatMap(({ text, elements = [] }) => [...(text === undefined ? [] : [text]), ...elements]);
}

function teamsRuns({ attachments }: TeamsBody): Text[] {
  return attachments.flatMap(({ content }) => content.body.flatMap(({ inlines }) => inlines));
}

const slack = (record: EventRecord, known = inTime): SlackBody =>
  JSON.parse(slackMessage(record, known).body);
const teams = (record: EventRecord, known = inTime): TeamsBody =>
  JSON.parse(teamsMessage(record, known).body);

test('Slack gets the sentence, and where it comes from', () => {
  const msg =
    '🟠 orders is ready for cutover. Cut over within 5 d (before Sat 28 Nov 23:00 UTC): Atlas stops synchronizing at about that time.';
  expect(slack(sampleEvent('migration.ready_for_cutover'))).toEqual({
    text: msg,
    mrkdwn: false,
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: msg, emoji: false } },
      {
        type: 'context',
        elements: [
          {
            type: 'plain_text',
            text: 'prod · Migration: orders · Labels: team=payments · Project: 5f7f5f5f5f5f5f5f5f5f5f5f · Deadline: 2026-11-28 23:00 UTC · Event: migration.ready_for_cutover · Time: 2026-11-23 23:00 UTC',
            emoji: false,
          },
        ],
      },
    ],
  });
});

test('Teams gets an Adaptive Card', () => {
  const body = teams(sampleEvent('migration.ready_for_cutover'));
  expect(body).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: { type: 'AdaptiveCard', version: '1.4', $schema: expect.any(String) },
      },
    ],
  });
  expect(teamsRuns(body).map(({ text }) => text)).toEqual([
    expect.stringMatching(/^orders is ready for cutover\./),
    'Migration: ',
    'orders',
    'Labels: ',
    'team=payments',
    'Project: ',
    '5f7f5f5f5f5f5f5f5f5f5f5f',
    'Deadline: ',
    '2026-11-28 23:00 UTC',
    'Event: ',
    'migration.ready_for_cutover',
    'Time: ',
    '2026-11-23 23:00 UTC',
    'prod',
  ]);
});

describe('a name that is markup', () => {
  test('is plain text to Slack, with nothing that begins a mention or a link', () => {
    const body = slack(named(hostile));
    expect(slackTexts(body).map(({ type }) => type)).toEqual(['plain_text', 'plain_text']);
    for (const text of [body.text, ...slackTexts(body).map((each) => each.text)]) {
      expect(text).not.toMatch(/[<>\n\u202E]|&(?!amp;|lt;|gt;)/);
      expect(text).toContain('&lt;!here&gt;');
    }
  });

  test('is plain text to Teams, without Markdown and functions of cards', () => {
    const body = teams(named(hostile));
    const types = body.attachments.flatMap(({ content }) =>
      content.body.flatMap(({ type, inlines }) => [type, ...inlines.map((each) => each.type)]),
    );
    expect(new Set(types)).toEqual(new Set(['RichTextBlock', 'TextRun']));
    expect(JSON.stringify(body)).not.toMatch(/\{\{|\u202E|<at>/);
  });
});

test.each(['<', '&', 'ä', '😀', '漢', 'a '])(
  'a name and labels of thousands of %s keep the limits',
  (part) => {
    const record = named(part.repeat(3_000));
    const late: Known = { now: sampledAt + hour, window: { deadline: sampledAt, estimated: true } };
    const body = slack(record, late);
    for (const { text } of slackTexts(body)) expect(text.length).toBeLessThanOrEqual(3_000);
    expect(body.text.length).toBeLessThanOrEqual(3_000);
    expect(JSON.stringify(body)).not.toMatch(/&(?!amp;|lt;|gt;)|\\ud[89a-f]/);
    expect(Buffer.byteLength(teamsMessage(record, late).body)).toBeLessThan(28_000);
  },
);

test.each(eventNames)('%s has words for both, late or not', (name) => {
  for (const known of [inTime, { now: sampledAt + hour, window: 'ended' as const }]) {
    const record = sampleEvent(name);
    for (const { text } of [...slackTexts(slack(record, known)), ...teamsRuns(teams(record, known))])
      expect(text).toMatch(/\S/);
    if (known !== inTime) {
      expect(slack(record, known).text).toContain('no longer ready for cutover');
      expect(teamsRuns(teams(record, known))[0]?.text).toMatch(/^This message is 1 h late/);
    }
  }
});
