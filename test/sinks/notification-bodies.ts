import type { EventRecord } from '../../src/events/event-record.ts';
import { mailOf } from '../../src/sinks/email/mail.ts';
import { messagesFor } from '../../src/sinks/http/http-sender.ts';
import { sampledAt, sampleEvent } from '../events/sample-events.ts';
import { sinkSettings } from './receivers.ts';

const ready = sampleEvent('migration.ready_for_cutover');
const known = { now: sampledAt };

/** Returns what each type of receiver gets for one event, in Markdown, by the name of the type. */
export function notificationBodies(): Readonly<Record<string, string>> {
  return {
    webhook: http('webhook', ready),
    slack: http('slack', ready),
    teams: http('teams', ready),
    pagerduty: http('pagerduty', ready),
    resolved: http('pagerduty', sampleEvent('migration.readiness_withdrawn')),
    email: mail(ready),
  };
}

function http(type: 'webhook' | 'slack' | 'teams' | 'pagerduty', record: EventRecord): string {
  return messagesFor(sinkSettings(type), record, known)
    .map(({ headers, body }) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const pretty = JSON.stringify(JSON.parse(body), undefined, 2);
      return `\`\`\`http\n${lines.join('\n')}\n\n${pretty}\n\`\`\`\n`;
    })
    .join('\n');
}

function mail(record: EventRecord): string {
  const { from, to, subject, messageId, date, headers, text, attachments } = mailOf(
    record,
    known,
    sinkSettings('email'),
  );
  const lines = Object.entries({
    From: from,
    To: to.join(', '),
    Subject: subject,
    Date: date.toUTCString(),
    'Message-ID': messageId,
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  const entries = attachments.map(
    ({ filename, content }) => `\`${filename}\`:\n\n\`\`\`text\n${content.replaceAll('\r\n', '\n')}\`\`\`\n`,
  );
  return [`\`\`\`text\n${lines.join('\n')}\n\n${text}\`\`\`\n`, ...entries].join('\n');
}
