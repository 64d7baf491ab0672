import { expect, test } from 'vitest';
import { configurationRows } from './configurations.ts';
import { connectionRows } from './connections.ts';
import { digestRows } from './digest.ts';
import { processRows } from './processes.ts';
import { replyRows } from './replies.ts';
import { ordeals, type Row } from './row.ts';
import { stateAtStartRows } from './state-at-start.ts';
import { stateRows } from './state-files.ts';

const rows: readonly Row[] = [
  ...replyRows,
  ...connectionRows,
  ...digestRows,
  ...stateRows,
  ...stateAtStartRows,
  ...configurationRows,
  ...processRows,
];

test('there are at least forty rows, each with a fault of its own', () => {
  expect(rows.length).toBeGreaterThanOrEqual(40);
  expect(new Set(rows.map(({ fault }) => fault)).size).toBe(rows.length);
});

test('every fault that must be survived is covered, and nothing else is claimed', () => {
  const covered = new Set(rows.flatMap(({ covers }) => covers));
  expect([...covered].toSorted()).toEqual([...ordeals].toSorted());
});

test.each(rows)('$fault: the row says how it is injected, what is kept, and how its end shows', (row) => {
  expect(row.covers).not.toEqual([]);
  expect(row.injected).not.toBe('');
  expect(row.keeps).not.toEqual([]);
  expect(row.recovers).toMatch(/^(watcher\.[a-z_]+|(goes on|next run|never): .+)$/);
  const { exit: _exit, ...seen } = row.sees;
  // What is not reported at all must be something that goes on or that the next run makes good.
  if (Object.keys(seen).length === 0) expect(row.recovers).toMatch(/^(goes on|next run)|config_reloaded$/);
  if (seen.errorType !== undefined && seen.event === 'watcher.unreachable')
    expect(seen.remedy ?? seen.detail, 'words for people').toBeInstanceOf(RegExp);
});
