import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createPrettyRenderer } from '../../src/daemon/pretty.ts';
import type { EventName } from '../../src/events/catalogue.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { CollectingOutput } from '../events/collecting-output.ts';
import { eventNames, sampledAt, sampleEvent } from '../events/sample-events.ts';

const clock = new Date(sampledAt).toLocaleTimeString('en-GB');

/** What people see of an event, as the emitter writes it. */
function shown(record: EventRecord, { colour = false } = {}): string {
  const output = new CollectingOutput();
  createEmitter({ output, format: 'json', level: 'debug', redactor: new Redactor() })(record);
  return createPrettyRenderer(colour)(output.lines.join(''));
}

describe('the pretty renderer', () => {
  it.each(eventNames)('shows the time, a sign and the sentence of %s, and nothing else', (name) => {
    const record = sampleEvent(name);
    const [time, sign, ...words] = shown(record).trimEnd().split(' ');
    expect(time).toBe(clock);
    expect(sign).toMatch(/^\S$/u);
    expect(words.join(' ')).toBe(record.msg);
    expect(shown(record)).toMatch(/^[^\n]*\n$/);
  });

  it.each([
    ['migration.first_seen', '•'],
    ['migration.unknown_status', '▲'],
    ['migration.failed', '✖'],
    ['migration.ready_for_cutover', '★'],
    ['migration.completed', '✔'],
    ['watcher.recovered', '✔'],
    ['watcher.heartbeat', '♥'],
  ] satisfies [EventName, string][])('marks %s with %s', (name, sign) => {
    expect(shown(sampleEvent(name)).split(' ')[1]).toBe(sign);
  });

  it('marks what is for debugging with a dot', () => {
    expect(shown(sampleEvent('watcher.poll_failed', { duringOutage: true })).split(' ')[1]).toBe('·');
  });

  it('has escape codes with colour, around the same words, and none without', () => {
    const record = sampleEvent('migration.failed');
    const coloured = shown(record, { colour: true });
    expect(coloured).toContain('\u001b[');
    expect(shown(record)).not.toContain('\u001b');
    expect(stripVTControlCharacters(coloured)).toBe(shown(record));
  });

  it.each([true, false])('remote text cannot drive the terminal (colour %s)', (colour) => {
    const hostile = 'x\u001b]0;owned\u0007\u001b[2J\r\n\u009b31m\u202e\u2028y';
    const harmless = shown(sampleEvent('watcher.poll_failed', { detail: 'x ]0;owned [2J 31m y' }), {
      colour,
    });
    expect(shown(sampleEvent('watcher.poll_failed', { detail: hostile }), { colour })).toBe(harmless);
    expect(stripVTControlCharacters(harmless).trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
