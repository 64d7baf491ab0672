import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { publicRecord } from '../../src/events/public-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { mailOf } from '../../src/sinks/email/mail.ts';
import { messagesFor } from '../../src/sinks/http/http-sender.ts';
import { sampledAt, sampleEvent } from '../events/sample-events.ts';
import { hour } from '../watch/sample-migrations.ts';
import { IncidentDesk } from './http/incident-desk.ts';
import { sinkSettings } from './receivers.ts';

const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('<!here>', '&amp;', '\r\n', '\u0000', '\u202E', 'א', '😀', '{{', '*', '"', '\\', ';', ','),
);
const text = fc
  .array(piece, { minLength: 1, maxLength: 8 })
  .chain((parts) => fc.integer({ min: 1, max: 400 }).map((times) => parts.join('').repeat(times)));
const redactor = new Redactor();

test('whatever a name, a label or the title holds, each message keeps the form and the limits of its receiver', () => {
  fc.assert(
    fc.property(text, text, text, fc.boolean(), (migration, label, title, isLate) => {
      // As it is stored.
      const record = publicRecord(
        sampleEvent('migration.ready_for_cutover', { migration, labels: { [label]: label } }),
        redactor,
      );
      const known = {
        now: sampledAt + (isLate ? hour : 0),
        title: title.slice(0, 60),
        window: { deadline: sampledAt, estimated: true },
      };
      const sizes = { webhook: 64 * 1024, slack: 32 * 1024, teams: 28_000, pagerduty: 512 * 1024 };
      for (const type of ['webhook', 'slack', 'teams', 'pagerduty'] as const)
        for (const { body, headers } of messagesFor(sinkSettings(type), record, known)) {
          expect(Buffer.byteLength(body)).toBeLessThan(sizes[type]);
          expect(JSON.parse(body)).toBeTypeOf('object');
          for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7E]+$/);
          if (type === 'pagerduty') new IncidentDesk().take(body);
          if (type === 'slack') expect(body).not.toMatch(/<[!@#]/);
        }
      const { subject, text: words, attachments } = mailOf(record, known, sinkSettings('email'));
      expect(subject).toMatch(/^[^\p{Cc}]*$/u);
      expect(words.replaceAll('\n', '')).toMatch(/^[^\p{Cc}]*$/u);
      const lines = attachments[0]?.content.split('\r\n') ?? [];
      expect(lines.every((line) => Buffer.byteLength(line) <= 75 && line.isWellFormed())).toBe(true);
      expect(lines.filter((line) => line.startsWith('DTSTART'))).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});
