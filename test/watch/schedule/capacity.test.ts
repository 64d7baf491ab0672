import { expect, test } from 'vitest';
import { capacityWarnings } from '../../../src/watch/schedule/capacity.ts';
import { orders, targetOf } from '../sample-migrations.ts';

const targets = (count: number) => Array.from({ length: count }, (_, number) => targetOf(number));

const usual = () => ({ standard: 30_000, approaching: 5_000 });
const slow = () => ({ standard: 30_000, approaching: 30_000 });

test('a schedule that fits the budget of each project gives no warning', () => {
  expect(capacityWarnings(targets(45), slow, 90)).toEqual([]);
  const elsewhere = targets(45).map((target) => ({ ...target, groupId: 'a'.repeat(24) }));
  expect(capacityWarnings([...targets(45), ...elsewhere], slow, 90)).toEqual([]);
});

test('one that fits only while not all are near readiness says how many may be', () => {
  expect(capacityWarnings(targets(7), usual, 90)).toEqual([]);
  expect(capacityWarnings(targets(8), usual, 90)).toEqual([
    `Project ${orders.groupId} has 8 migrations, and were all near readiness at once, polling each every 5 s takes 96 requests a minute, more than atlas.requestsPerMinute (90): beyond 7 of them, each will be polled more slowly, about every 6 s for all. Make schedule.approaching slower if that is to be expected, or raise the budget if Atlas grants you more.`,
  ]);
});

test('one that can never fit is reported with its arithmetic', () => {
  expect(capacityWarnings(targets(60), usual, 90)).toEqual([
    `Project ${orders.groupId} has 60 migrations, and polling each every 30 s takes 120 requests a minute, more than atlas.requestsPerMinute (90): each will be polled about every 40 s instead. Make schedule.default slower, or raise the budget if Atlas grants you more.`,
  ]);
});
