import { expect, test } from 'vitest';
import { columnsOf, nearestSample, plotLabelsOf, sampleAfter } from '../../../src/page/detail/lag-history.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { minute, start } from '../../watch/sample-migrations.ts';

const samplesAt = (...minutes: readonly number[]) =>
  minutes.map((after, index) => ({
    observedAt: new Date(start + after * minute).toISOString(),
    lagTimeSeconds: 100 - index * 10,
  }));
const eventAt = (after: number, ...event: Parameters<typeof sampleEvent>) => ({
  ...sampleEvent(...event),
  time: new Date(start + after * minute).toISOString(),
});
const second = start / 1000;

test('a null interrupts the line in a gap', () => {
  const [times, lags] = columnsOf(samplesAt(0, 1, 2, 20, 21));
  expect(lags).toEqual([100, 90, 80, null, 70, 60]);
  expect(times.map((time) => (time - second) / 60)).toEqual([0, 1, 2, 3, 20, 21]);
  expect(columnsOf(samplesAt(0, 9, 18))[1]).toEqual([100, 90, 80]);
  expect(columnsOf([])).toEqual([[], []]);
});

test('some events have a label, and the end has the kind of its outcome', () => {
  const labels = plotLabelsOf([
    eventAt(0, 'migration.first_seen'),
    eventAt(1, 'migration.status_changed', { from: 'NEW', to: 'WORKING' }),
    eventAt(2, 'migration.ready_for_cutover'),
    eventAt(3, 'migration.status_changed', { from: 'WORKING', to: 'EXPIRED' }),
    eventAt(4, 'migration.status_changed', { from: 'WORKING', to: 'COMPLETE' }),
  ]);
  expect(labels).toEqual([
    { at: second + 60, kind: 'change', text: 'WORKING' },
    { at: second + 120, kind: 'ready', text: 'ready' },
    { at: second + 180, kind: 'bad', text: 'EXPIRED' },
    { at: second + 240, kind: 'good', text: 'COMPLETE' },
  ]);
});

test('what lasts, such as a stall or an outage, has no label: it is drawn as a span', () => {
  const lasting = ['migration.lag_stalled', 'migration.lag_recovered', 'watcher.unreachable'] as const;
  expect(plotLabelsOf(lasting.map((event) => eventAt(0, event)))).toEqual([]);
});

test('the nearest sample is found, and gaps between samples are skipped', () => {
  const columns = columnsOf(samplesAt(0, 1, 2, 20, 21));
  const near = (minutes: number) => nearestSample(columns, second + minutes * 60);
  expect([near(-5), near(1.4), near(1.6), near(3), near(19), near(99)]).toEqual([0, 1, 2, 2, 4, 5]);
  expect(nearestSample(columnsOf([]), second)).toBeUndefined();
  expect([sampleAfter(columns, 2, 1), sampleAfter(columns, 4, -1)]).toEqual([4, 2]);
  expect([sampleAfter(columns, 0, -9), sampleAfter(columns, 0, 99)]).toEqual([0, 5]);
});
