import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { PollResult } from '../../../src/atlas/client.ts';
import {
  type CheckResult,
  checkResult,
  faultOf,
  toJson,
  urgencyFacts,
} from '../../../src/cli/check/result.ts';
import { checkTable, statedLines } from '../../../src/cli/check/table.ts';
import { localTimes } from '../../../src/cli/local-times.ts';
import type { RecordedMigration } from '../../../src/state/record.ts';
import { compareUrgency } from '../../../src/watch/migration/urgency.ts';
import { hour, minute, type Outcome, orders, play, policy, start } from '../../watch/sample-migrations.ts';
import { readyFor } from '../../watch/worded-life.ts';
import { failure, pollOnce, reads, unpolled } from '../polled.ts';

const now = start + hour;
const working = { status: 'WORKING', readyForCutover: false };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };
const down = failure('network', 'The connection was reset.');
const gone = failure('not_found', 'HTTP 404');
/** What a migration that was read is answered until it has disappeared, one poll a minute. */
const notFound = Array<Outcome>(11).fill('not_found');

/** What a watcher remembers that polled once a minute, the last time a moment ago. */
function recorded(...polls: readonly Outcome[]): RecordedMigration {
  const { state } = play(polls);
  if (state === undefined) throw new Error('a poll leaves a state');
  const { groupId, liveMigrationId } = orders;
  const samples = polls.flatMap((poll, index) =>
    typeof poll === 'object' && poll.lagTimeSeconds !== undefined
      ? [{ observedAt: now - (polls.length - index) * minute, lagTimeSeconds: poll.lagTimeSeconds }]
      : [],
  );
  return { groupId, liveMigrationId, state, samples };
}

/** What one poll shows that ends at `at`, in ms since 1970. */
function resultOf(name: string, result: PollResult, record?: RecordedMigration, at = now): CheckResult {
  const { after } = pollOnce(unpolled({ ...orders, name }, record), result, at);
  const shown = checkResult(after, record?.state, at, policy);
  if (shown === undefined) throw new Error('What was polled has a result.');
  return shown;
}

const endedAs = (status: string): CheckResult => resultOf('m', down, recorded(working, { status }));

const results = [
  resultOf('new', reads({ status: 'NEW' })),
  resultOf('done', reads({ status: 'COMPLETE' }), recorded(working, ready)),
  resultOf(
    'copying',
    reads({ ...working, lagTimeSeconds: 3_000 }),
    recorded(...[0, 1, 2, 3].map((n) => ({ ...working, lagTimeSeconds: 3_240 - n * 60 }))),
  ),
  resultOf('near', reads({ ...working, lagTimeSeconds: 90 }), recorded(working)),
  resultOf(
    'stuck',
    reads({ ...working, lagTimeSeconds: 3_000 }),
    recorded(...Array.from({ length: 40 }, () => ({ ...working, lagTimeSeconds: 3_000 }))),
  ),
  resultOf('down', down, recorded(working)),
  resultOf('gone', gone, recorded(working, ...notFound)),
  resultOf('failed', reads({ status: 'FAILED' }), recorded(working)),
  resultOf('ready, no record', reads(ready)),
  resultOf('ready just now', reads(ready), recorded(working)),
  resultOf('ready from the first', reads(ready), recorded(ready)),
  resultOf('ready, known', reads(ready), recorded(working, ready)),
  resultOf('ready, not read', down, recorded(working, ready)),
].toSorted((one, other) => compareUrgency(urgencyFacts(one), urgencyFacts(other), now));

const options = {
  color: false,
  columns: undefined,
  clean: (text: string) => text,
  times: localTimes('Europe/Berlin'),
};

describe('the table of check', () => {
  it('does not say at most of a window whose end somebody stated', () => {
    const record = recorded(ready, ready);
    const { state } = record;
    if (state.readiness === undefined) throw new Error('it is ready');
    const stated = { at: now + 48 * hour, source: 'operator', statedAt: now } as const;
    const extended = { ...record, state: { ...state, readiness: { ...state.readiness, stated } } };
    const text = checkTable([resultOf('m', reads(ready), extended)], now, options);
    expect(text).toMatch(/ Ready {2}2 d \(/);
  });

  it('has the most urgent first, and a dash for what is not known', () => {
    const cells = checkTable(results, now, options)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(cells).toEqual([
      ['', 'NAME', 'STATE', 'TIME LEFT / READY IN', 'LAG', 'TREND', 'STATUS', 'HOSTS'],
      [
        '★',
        'ready from the first',
        'Ready',
        'at most 4 d 23 h (Sun 29 Nov 00:00 CET)',
        '3 s',
        '–',
        'WORKING',
        '–',
      ],
      ['★', 'ready, known', 'Ready', 'about 4 d 23 h (Sun 29 Nov 00:01 CET)', '3 s', '–', 'WORKING', '–'],
      [
        '★',
        'ready, not read',
        'Was ready',
        'about 4 d 23 h (Sun 29 Nov 00:01 CET)',
        '–',
        '–',
        'WORKING (59 min ago)',
        '–',
      ],
      ['★', 'ready just now', 'Ready', 'at most 5 d (Sun 29 Nov 01:00 CET)', '3 s', '–', 'WORKING', '–'],
      ['★', 'ready, no record', 'Ready', '–', '3 s', '–', 'WORKING', '–'],
      ['✖', 'gone', 'No longer in Atlas', '–', '–', '–', '–', '–'],
      ['✖', 'failed', 'Failed', '–', '–', '–', 'FAILED', '–'],
      ['▲', 'down', "Can't be read", '–', '–', '–', 'WORKING (1 h ago)', '–'],
      ['■', 'stuck', 'Stalled', '–', '50 min', 'stalled', 'WORKING', '–'],
      ['◕', 'near', 'Nearly ready', '–', '1 min 30 s', '–', 'WORKING', '–'],
      ['◔', 'copying', 'Copying', 'ready in ~50 min (25–75)', '50 min', 'falling 60 s/min', 'WORKING', '–'],
      ['○', 'new', 'Waiting', '–', '–', '–', 'NEW', '–'],
      ['✔', 'done', 'Complete', '–', '–', '–', 'COMPLETE', '–'],
    ]);
  });

  it('paints whole lines, around the same words, and fits a terminal', () => {
    const plain = checkTable(results, now, { ...options, columns: 60 });
    const colored = checkTable(results, now, { ...options, columns: 60, color: true });
    expect(colored).toContain('\u001b[');
    expect(stripVTControlCharacters(colored)).toBe(plain);
    for (const line of plain.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it.each([
    { rule: 'all columns where they fit', columns: 160, last: 'HOSTS' },
    { rule: 'fewer in less room', columns: 118, last: 'TREND' },
    { rule: 'the answer in 80 columns', columns: 80, last: 'TIME LEFT / READY IN' },
    { rule: 'the answer in less, with shorter names', columns: 70, last: 'TIME LEFT / READY IN' },
  ])('has $rule: $columns', ({ columns, last }) => {
    const lines = checkTable(results, now, { ...options, columns })
      .trimEnd()
      .split('\n');
    expect(lines[0]?.endsWith(`  ${last}`)).toBe(true);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines.some((line) => line.includes('at most 4 d 23 h (Sun 29 Nov 00:00 CET)'))).toBe(true);
  });

  it('cuts a long name, never the answer beside it', () => {
    const long = resultOf('a-very-long-name-'.repeat(9), reads(ready), recorded(ready));
    const table = checkTable([long], now, { ...options, columns: 80 });
    expect(table).toMatch(
      /^★ {2}a-very-long-name-a-\S*… {2}Ready {2}at most 4 d 23 h \(Sun 29 Nov 00:00 CET\) /m,
    );
    expect(checkTable([long], now, { ...options, columns: 130 })).toMatch(/… .* 3 s .* WORKING/);
  });

  it('shows the recorded end of what can not be read now, and never that it can not be read', () => {
    const table = checkTable(['COMPLETE', 'FAILED', 'EXPIRED'].map(endedAs), now, options);
    expect(table).toMatch(/^✔ {2}m +Complete +– .* COMPLETE \(recorded\)/m);
    expect(table).toMatch(/^✖ {2}m +Failed +– .* FAILED \(recorded\)/m);
    expect(table).toMatch(/^✖ {2}m +Expired +– .* EXPIRED \(recorded\)/m);
  });

  it('believes a migration that is back after it had disappeared', () => {
    const back = resultOf('orders', reads(ready), recorded(working, ...notFound));
    expect(back.state).not.toHaveProperty('settlement');
    expect(back.window).toMatchObject({ readySinceKnown: false, remainingSeconds: 120 * 3_600 });
  });

  it('shows how long ago the deadline passed', () => {
    const record = recorded(working, ready);
    const late = resultOf('orders', reads(ready), record, start + 122 * hour);
    expect(checkTable([late], start + 122 * hour, options)).toMatch(
      /^‼ {2}orders {2}Overdue {2}overdue by 1 h 59 min \(Sun 29 Nov 00:01 CET\)/m,
    );
  });
});

describe('the result of check', () => {
  it('is none for a migration that was not polled', () => {
    expect(
      checkResult(unpolled(orders, recorded(ready)), recorded(ready).state, now, policy),
    ).toBeUndefined();
  });

  it('is no fault where Atlas has cleaned up what had ended', () => {
    expect(faultOf(resultOf('orders', gone, recorded({ status: 'COMPLETE' })))).toBeUndefined();
    expect(faultOf(resultOf('orders', gone, recorded(working)))?.kind).toBe('not_found');
    expect(faultOf(resultOf('orders', down, recorded({ status: 'COMPLETE' })))?.kind).toBe('network');
  });

  it('is that of Atlas where a migration that had disappeared fails in another way', () => {
    const lost = resultOf('orders', down, recorded(working, ...notFound));
    expect(lost.state?.settlement).toBe('DISAPPEARED');
    expect(lost.error?.kind).toBe('network');
  });
});

describe('the JSON of check', () => {
  it('has the window where there is a record, whether the poll failed or not', () => {
    const window = {
      readySince: new Date(start + minute).toISOString(),
      deadline: new Date(start + minute + 120 * hour).toISOString(),
      deadlineEstimated: true,
      readySinceKnown: true,
      remainingSeconds: 119 * 3_600 + 60,
    };
    expect(toJson(resultOf('orders', reads(ready), recorded(working, ready)))).toMatchObject({
      ...window,
      status: 'WORKING',
    });
    expect(toJson(resultOf('orders', down, recorded(working, ready)))).toMatchObject({
      ...window,
      error: { errorType: 'network' },
    });
    expect(Object.keys(toJson(resultOf('orders', reads(ready))))).toEqual([
      'name',
      'groupId',
      'liveMigrationId',
      'labels',
      'status',
      'readyForCutover',
      'lagTimeSeconds',
    ]);
  });
});

describe('what people have stated', () => {
  const life = readyFor(1);
  life.ask({ command: 'extend', until: start + 100 * hour, comment: 'extended' });
  life.ask({ command: 'plan', at: start + 25 * hour });
  life.ask({ command: 'ack', until: start + 20 * hour });
  const { groupId, liveMigrationId } = orders;
  const record = { groupId, liveMigrationId, state: life.state, samples: [] } as RecordedMigration;
  const result = resultOf('orders', reads(ready), record);

  it('is in the time left and below the table', () => {
    expect(checkTable([result], now, options)).toContain('  4 d 3 h (Sat 28 Nov 04:00 CET)  ');
    expect(statedLines([result], options.times)).toEqual([
      'orders: end of the window stated by anna; planned Wed 25 Nov 01:00 CET; acknowledged by anna.',
    ]);
    expect(statedLines(results, options.times)).toEqual([]);
  });

  it('is among the fields for programs, read or not', () => {
    const fields = {
      deadline: new Date(start + 100 * hour).toISOString(),
      deadlineSource: 'operator',
      deadlineAuthor: 'anna',
      deadlineComment: 'extended',
      plannedAt: new Date(start + 25 * hour).toISOString(),
      planDurationSeconds: 7_200,
      acknowledged: { author: 'anna', until: new Date(start + 20 * hour).toISOString() },
    };
    expect(toJson(result)).toMatchObject(fields);
    expect(toJson(resultOf('orders', down, record))).toMatchObject(fields);
  });
});
