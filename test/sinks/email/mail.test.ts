import { describe, expect, test } from 'vitest';
import { mailOf } from '../../../src/sinks/email/mail.ts';
import { eventNames, sampledAt, sampleEvent } from '../../events/sample-events.ts';
import { hour } from '../../watch/sample-migrations.ts';
import { sinkSettings } from '../receivers.ts';

const settings = sinkSettings('email');
const ready = sampleEvent('migration.ready_for_cutover');

describe('the subject', () => {
  test.each([
    { rule: 'is the first sentence', record: ready, says: '[cutover-watch] orders is ready for cutover' },
    {
      rule: 'does not end within a name',
      record: sampleEvent('migration.failed', { migration: 'St. Gallen! No. 2' }),
      says: '[cutover-watch] St. Gallen! No. 2 failed',
    },
    {
      rule: 'is cut where it is long',
      record: sampleEvent('migration.failed', { migration: 'x'.repeat(300) }),
      says: `[cutover-watch] ${'x'.repeat(113)}… [cut]`,
    },
  ])('$rule', ({ record, says }) => {
    expect(mailOf(record, { now: sampledAt }, settings).subject).toBe(says);
  });

  test('says that the message is late, or that it is over', () => {
    const known = { now: sampledAt + 3 * hour };
    expect(mailOf(ready, known, settings).subject).toBe(
      '[cutover-watch] orders is ready for cutover (3 h late)',
    );
    expect(mailOf(ready, { ...known, window: 'ended' }, settings).subject).toBe(
      '[cutover-watch] orders is ready for cutover (late; no longer ready)',
    );
  });
});

test('a late message says so first', () => {
  const known = { now: sampledAt + 3 * hour, window: 'ended' as const };
  expect(mailOf(ready, known, settings).text).toMatch(
    /^This message is 3 h late: .* Now the migration is no longer ready for cutover\.\n\norders is ready/,
  );
});

function idFrom(from: string): string {
  return mailOf(ready, { now: sampledAt }, sinkSettings('email', { from })).messageId;
}

test('the id of the message follows from the event, and has the domain of the sender', () => {
  expect(idFrom('watch@mail.example.com')).toBe('<0123456789abcdef0123456789abcdef@mail.example.com>');
  expect(idFrom('"A, B" <watch@example.com>')).toBe('<0123456789abcdef0123456789abcdef@example.com>');
  expect(idFrom('watch@größe.example')).toBe('<0123456789abcdef0123456789abcdef@cutover-watch.invalid>');
});

test.each(eventNames)('%s is a message with a subject and a text', (name) => {
  const { subject, text } = mailOf(sampleEvent(name), { now: sampledAt }, settings);
  expect(subject).toMatch(/^\[cutover-watch\] \S[^\r\n]*$/);
  expect(text).toMatch(/^\S/);
});
