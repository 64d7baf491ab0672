import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AtlasError } from '../../../src/atlas/atlas-error.ts';
import type { PollResult } from '../../../src/atlas/client.ts';
import type { MigrationReading } from '../../../src/atlas/migration-reply.ts';
import { type CheckResult, checkResult, toJson, urgencyFacts } from '../../../src/cli/check/result.ts';
import { checkTable } from '../../../src/cli/check/table.ts';
import type { RecordedMigration } from '../../../src/state/recorded-migrations.ts';
import { compareUrgency } from '../../../src/watch/migration/urgency.ts';
import { hour, minute, type Outcome, orders, play, policy, start } from '../../watch/sample-migrations.ts';

const now = start + hour;
const working = { status: 'WORKING', readyForCutover: false };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };
const down: PollResult = {
  ok: false,
  attempts: 1,
  error: new AtlasError({ kind: 'network', detail: 'The connection was reset.' }),
};

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

function look(name: string, said: MigrationReading | PollResult, record?: RecordedMigration): CheckResult {
  const result: PollResult = 'ok' in said ? said : { ok: true, attempts: 1, reading: said };
  return checkResult({ ...orders, name }, result, record, now, policy);
}

const looks = [
  look('new', { status: 'NEW' }),
  look('done', { status: 'COMPLETE' }, recorded(working, ready)),
  look(
    'copying',
    { ...working, lagTimeSeconds: 3_000 },
    recorded(...[0, 1, 2, 3].map((n) => ({ ...working, lagTimeSeconds: 3_240 - n * 60 }))),
  ),
  look('near', { ...working, lagTimeSeconds: 90 }, recorded(working)),
  look(
    'stuck',
    { ...working, lagTimeSeconds: 3_000 },
    recorded(...Array.from({ length: 40 }, () => ({ ...working, lagTimeSeconds: 3_000 }))),
  ),
  look('down', down, recorded(working)),
  look(
    'gone',
    { ok: false, attempts: 1, error: new AtlasError({ kind: 'not_found', detail: 'HTTP 404' }) },
    recorded(working, 'not_found', 'not_found'),
  ),
  look('failed', { status: 'FAILED' }, recorded(working)),
  look('ready, no record', ready),
  look('ready just now', ready, recorded(working)),
  look('ready from the first', ready, recorded(ready)),
  look('ready, known', ready, recorded(working, ready)),
  look('ready, out of reach', down, recorded(working, ready)),
].toSorted((one, other) => compareUrgency(urgencyFacts(one), urgencyFacts(other)));

const options = { colour: false, columns: undefined, clean: (text: string) => text };

describe('the table of check', () => {
  it('has the most urgent first, and a dash for what is not known', () => {
    const cells = checkTable(looks, now, options)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(cells).toEqual([
      ['NAME', 'STATUS', 'READY', 'LAG', 'TREND', 'READY IN', 'TIME LEFT', 'HOSTS'],
      ['ready from the first', 'WORKING', 'yes', '3 s', '–', '–', 'at most 4 d 23 h', '–'],
      ['ready, known', 'WORKING', 'yes', '3 s', '–', '–', 'about 4 d 23 h', '–'],
      ['ready, out of reach', 'unreadable', 'was', '–', '–', '–', 'about 4 d 23 h', '–'],
      ['ready just now', 'WORKING', 'yes', '3 s', '–', '–', 'at most 5 d', '–'],
      ['ready, no record', 'WORKING', 'yes', '3 s', '–', '–', '–', '–'],
      ['gone', 'gone', '–', '–', '–', '–', '–', '–'],
      ['failed', 'FAILED', 'no', '–', '–', '–', '–', '–'],
      ['down', 'unreadable', '–', '–', '–', '–', '–', '–'],
      ['stuck', 'WORKING', 'no', '50 min', 'stalled', '–', '–', '–'],
      ['near', 'WORKING', 'no', '1 min 30 s', '–', '–', '–', '–'],
      ['copying', 'WORKING', 'no', '50 min', 'falling 60 s/min', 'about 51 min, 34 to 74', '–', '–'],
      ['new', 'NEW', '–', '–', '–', '–', '–', '–'],
      ['done', 'COMPLETE', 'yes', '–', '–', '–', '–', '–'],
    ]);
  });

  it('paints whole lines, around the same words, and fits a terminal', () => {
    const plain = checkTable(looks, now, { ...options, columns: 60 });
    const coloured = checkTable(looks, now, { ...options, columns: 60, colour: true });
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
    for (const line of plain.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('believes a migration that is back after it had disappeared', () => {
    const back = look('orders', ready, recorded(working, 'not_found', 'not_found'));
    expect(back.state).not.toHaveProperty('settlement');
    expect(back.window).toMatchObject({ readySinceKnown: false, remainingSeconds: 120 * 3_600 });
  });

  it('says since when a window is over', () => {
    const record = recorded(working, ready);
    const late = checkResult(
      orders,
      { ok: true, attempts: 1, reading: ready },
      record,
      start + 122 * hour,
      policy,
    );
    expect(checkTable([late], now, options)).toContain('  over since 1 h 59 min  ');
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
    expect(toJson(look('orders', ready, recorded(working, ready)))).toMatchObject({
      ...window,
      status: 'WORKING',
    });
    expect(toJson(look('orders', down, recorded(working, ready)))).toMatchObject({
      ...window,
      error: { errorType: 'network' },
    });
    expect(Object.keys(toJson(look('orders', ready)))).toEqual([
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
