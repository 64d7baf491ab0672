import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { localTimes } from '../../src/cli/local-times.ts';
import { createPrettyRenderer } from '../../src/cli/pretty.ts';
import type { EventName } from '../../src/events/catalogue.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { CollectingOutput } from '../events/collecting-output.ts';
import { eventNames, sampledAt, sampleEvent } from '../events/sample-events.ts';
import { scopeEvent } from '../state/sample-change.ts';

const times = localTimes('Europe/Berlin');
const time = 'Tue 00:00:00';
/** Said by the next line, where there is one. */
const folded: ReadonlySet<EventName> = new Set(['migration.first_seen']);

interface Terminal {
  readonly color?: boolean;
  readonly names?: readonly string[];
  readonly width?: number;
}

/** What people see of an event, as the emitter writes it. */
function shown(record: EventRecord, { color = false, names = ['orders'], width }: Terminal = {}): string {
  const output = new CollectingOutput();
  createEmitter({ output, format: 'json', level: 'debug', redactor: new Redactor() })(record);
  return createPrettyRenderer({ color, names, columns: () => width, times })(output.lines.join(''));
}

describe('the pretty renderer', () => {
  it.each(eventNames.filter((name) => !folded.has(name)))(
    'shows the time, a sign and the sentence of %s, and nothing else',
    (name) => {
      const record = sampleEvent(name);
      const line = shown(record);
      expect(line).toMatch(/^[^\n]*\n$/);
      expect(line.startsWith(`${time} `)).toBe(true);
      const [, sign, rest = ''] = /^ (\S) (.*)\n$/u.exec(line.slice(time.length)) ?? [];
      expect(sign).toBeDefined();
      const zone = name === 'watcher.started' ? ' Times are in the zone Europe/Berlin.' : '';
      expect(rest.replace(/ {2,}/, ' ').trimStart()).toBe(times.translate(record.msg, sampledAt) + zone);
    },
  );

  it.each([
    { rule: 'an end', record: sampleEvent('migration.status_changed', { to: 'COMPLETE' }) },
    { rule: 'an expiry', record: sampleEvent('migration.status_changed', { to: 'EXPIRED' }) },
    { rule: 'readiness at first sight', record: sampleEvent('migration.first_seen') },
    {
      rule: 'an end at first sight',
      record: sampleEvent('migration.first_seen', { status: 'FAILED', readyForCutover: false }),
    },
    {
      rule: 'an undocumented status at first sight',
      record: sampleEvent('migration.first_seen', { status: 'PENDING', readyForCutover: false }),
    },
  ])('leaves out a line of which the next says more: $rule', ({ record }) => {
    expect(shown(record)).toBe('');
  });

  it('tells a remedy once where a fault of one is soon a fault of all', () => {
    const output = new CollectingOutput();
    const emit = createEmitter({ output, format: 'json', level: 'debug', redactor: new Redactor() });
    emit(sampleEvent('watcher.poll_failed'));
    emit(scopeEvent('1'.repeat(32)));
    emit({ ...scopeEvent('1'.repeat(32)), time: '2026-11-24T12:00:00.000Z' });
    const render = createPrettyRenderer({ color: false, names: ['orders'], columns: () => undefined, times });
    const lines = output.lines.map((line) => render(line).includes('Check the ids.'));
    expect(lines).toEqual([true, false, true]);
  });

  it('shows a deadline in the zone of the reader', () => {
    expect(shown(sampleEvent('migration.ready_for_cutover'))).toContain(
      'Cut over within 5 d (before Sun 29 Nov 00:00): Atlas',
    );
  });

  it('has a column for names, as wide as the widest of them, and the sentence without its name', () => {
    const names = ['orders', 'audit-log'];
    expect(shown(sampleEvent('migration.failed'), { names })).toMatch(/ ✖ orders {5}failed\. /);
    expect(shown(sampleEvent('migration.failed', { migration: 'audit-log' }), { names })).toMatch(
      / ✖ audit-log {2}failed\. /,
    );
    expect(shown(sampleEvent('watcher.settled'), { names })).toMatch(/ • {12}All 2 migrations /);
    expect(
      shown(sampleEvent('migration.failed', { migration: '注文' }), { names: ['注文', 'abcde'] }),
    ).toMatch(/ ✖ 注文 {3}failed\. /);
  });

  it('keeps the column for names narrow where one name is long', () => {
    const names = ['orders', 'n'.repeat(100)];
    expect(shown(sampleEvent('migration.failed'), { names })).toMatch(/ ✖ orders {20}failed\. /);
  });

  it('has no name where an event is about a project or the account', () => {
    const record = scopeEvent('1'.repeat(32));
    expect(shown(record)).toContain(` ✖         ${times.translate(record.msg, sampledAt)}`);
  });

  it('breaks a sentence below itself where a terminal is too narrow', () => {
    const record = sampleEvent('migration.failed');
    const lines = shown(record, { width: 60 }).trimEnd().split('\n');
    const margin = lines[0]?.indexOf('failed') ?? 0;
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    for (const line of lines.slice(1)) expect(line.search(/\S/)).toBe(margin);
    expect(lines.map((line) => line.slice(margin)).join(' ')).toBe(record.msg.slice('orders '.length));
    expect(shown(record, { width: 40 })).toBe(shown(record));
  });

  it('never lets a color reach over the end of a line', () => {
    const lines = shown(sampleEvent('migration.failed'), { width: 60, color: true }).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines.slice(1)) {
      expect(line.trimStart().startsWith('\u001b[31m')).toBe(true);
      expect(line).toContain('\u001b[39m');
    }
  });

  it.each([
    ['migration.status_changed', '•'],
    ['migration.unknown_status', '▲'],
    ['migration.failed', '✖'],
    ['migration.ready_for_cutover', '★'],
    ['migration.completed', '✔'],
    ['watcher.recovered', '✔'],
    ['watcher.heartbeat', '♥'],
  ] satisfies [EventName, string][])('marks %s with %s', (name, sign) => {
    expect(shown(sampleEvent(name)).split(' ')[2]).toBe(sign);
  });

  it('marks what is for debugging with a dot', () => {
    expect(shown(sampleEvent('watcher.poll_failed', { repeated: true })).split(' ')[2]).toBe('·');
  });

  it('has escape codes with color, around the same words, and none without', () => {
    const record = sampleEvent('migration.failed');
    const colored = shown(record, { color: true });
    expect(colored).toContain('\u001b[');
    expect(shown(record)).not.toContain('\u001b');
    expect(stripVTControlCharacters(colored)).toBe(shown(record));
  });

  it.each([true, false])('a name cannot drive the terminal (color %s)', (color) => {
    const hostile = sampleEvent('migration.failed', { migration: 'or\u001b[2J\u009bders\u202e\n' });
    const line = shown(hostile, { color });
    expect(stripVTControlCharacters(line).trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(stripVTControlCharacters(line)).toMatch(/ ✖ or \[2J ders {2}failed\. /);
  });

  it.each([true, false])('remote text cannot drive the terminal (color %s)', (color) => {
    const hostile = 'x\u001b]0;owned\u0007\u001b[2J\r\n\u009b31m\u202e\u2028y';
    const harmless = shown(sampleEvent('watcher.poll_failed', { detail: 'x ]0;owned [2J 31m y' }), {
      color,
    });
    expect(shown(sampleEvent('watcher.poll_failed', { detail: hostile }), { color })).toBe(harmless);
    expect(stripVTControlCharacters(harmless).trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
