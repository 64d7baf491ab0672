import { expect, it } from 'vitest';
import { isCronExpression } from '../../src/config/cron.ts';

it.each([
  '*/30 * * * * *',
  '* * * * * *',
  '*/5 * * * *',
  '0 0 */6 * * *',
  '0-30/5,45 * * * * *',
  '0 0 9 * * MON-FRI',
  '@hourly',
])('%s is a cron expression', (text) => {
  expect(isCronExpression(text)).toBe(true);
});

it.each([
  '',
  '* * *',
  '*/60 * * * * *',
  '*/90 * * * * *',
  '0 */60 * * * *',
  '0 0 */24 * * *',
  '*/90 * * * *',
  '0-30/75 * * * * *',
  '0,*/99 * * * * *',
  '60 * * * * *',
  '0 0 0 30 2 *',
  'every minute',
])('%j is none', (text) => {
  expect(isCronExpression(text)).toBe(false);
});
