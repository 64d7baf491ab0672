import { expect, test } from 'vitest';
import { matchesPattern, patternFault } from '../../src/config/event-pattern.ts';

const stored = ['migration.ready_for_cutover', 'migration.completed', 'watcher.unreachable'];
const all = [...stored, 'watcher.heartbeat'];

test.each([
  ['migration.completed', true],
  ['migration.complete', false],
  ['*', true],
  ['migration.*', true],
  ['*.completed', true],
  ['m*.*ed', true],
  ['*comp*ted', true],
  ['**', true],
  ['watcher.*', false],
  // The two ends may not share characters.
  ['migration.comp*pleted', false],
  ['*completed*completed', false],
  ['migration.completed*', true],
  ['Migration.*', false],
  ['migration?completed', false],
])('%s fits migration.completed: %s', (pattern, fits) => {
  expect(matchesPattern(pattern, 'migration.completed')).toBe(fits);
});

test('many stars take no time', () => {
  expect(matchesPattern(`${'*a'.repeat(49)}b`, 'a'.repeat(10_000))).toBe(false);
});

test.each([
  ['watcher.unr*', undefined],
  ['watcher.heartbeat', 'names only events that are not stored, and so are never sent; remove it.'],
  ['watcher.heart*', 'names only events that are not stored, and so are never sent; remove it.'],
  ['migrations.*', 'fits no event. Did you mean migration.*?'],
  ['migration.readyForCutover', 'fits no event. Did you mean migration.ready_for_cutover?'],
  ['ready', 'fits no event. Did you mean migration.ready_for_cutover?'],
  ['nonsense', 'fits no event; config/events.md has their names. migration.* is all about migrations.'],
  ['*.', 'fits no event. Did you mean migration.ready_for_cutover?'],
])('of the pattern %s is said: %s', (pattern, fault) => {
  expect(patternFault(pattern, stored, all)).toBe(fault);
});
