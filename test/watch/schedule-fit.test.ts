import { expect, test } from 'vitest';
import { scheduleMisfits } from '../../src/watch/schedule-fit.ts';
import { orders, targetOf } from './orders.ts';

const targets = (count: number) => Array.from({ length: count }, (_, number) => targetOf(number));

test('a schedule that fits the budget of each project gives no warning', () => {
  expect(scheduleMisfits(targets(45), 30_000, 90)).toEqual([]);
  const elsewhere = targets(45).map((target) => ({ ...target, groupId: 'a'.repeat(24) }));
  expect(scheduleMisfits([...targets(45), ...elsewhere], 30_000, 90)).toEqual([]);
});

test('one that can never fit is told with its arithmetic', () => {
  expect(scheduleMisfits(targets(60), 30_000, 90)).toEqual([
    `Project ${orders.groupId} has 60 migrations, and polling each every 30 s takes 120 requests a minute, more than atlas.requestsPerMinute (90): each will be polled about every 40 s instead. Make schedule.default slower, or raise the budget if Atlas grants you more.`,
  ]);
});
