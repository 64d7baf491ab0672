import { expect, test } from 'vitest';
import { axisOf } from '../../../src/page/list/axis.ts';
import { aheadOf, laneOf, laneText, spansUntil } from '../../../src/page/list/lane-of.ts';
import { localText } from '../../../src/page/times.ts';
import { hour, minute, orders, start } from '../../watch/sample-migrations.ts';

const { name: migration, groupId, liveMigrationId } = orders;
const at = (ms: number): string => new Date(start + ms).toISOString();
const clock = (ms: number): string => localText(at(ms), start);
const view = {
  migration,
  groupId,
  liveMigrationId,
  observedAt: at(-minute),
  intervalSeconds: 30,
  reachable: true,
};
const estimated = { ...view, readyInSeconds: 900, readyInSecondsRange: [600, 1_200] };

test('ahead lie the end of the window, or else the estimate, and a planned cutover', () => {
  expect(aheadOf({ ...view, deadline: at(hour), plannedAt: at(minute) }, start)).toEqual({
    deadline: start + hour,
    plannedAt: start + minute,
  });
  expect(aheadOf(estimated, start)).toEqual({ readyBetween: [start + 9 * minute, start + 19 * minute] });
});

test('an estimate that follows from an old reading, or what has ended, has nothing ahead', () => {
  expect(aheadOf({ ...estimated, observedAt: at(-hour) }, start)).toEqual({});
  expect(aheadOf({ ...estimated, settlement: 'COMPLETE' }, start)).toEqual({});
});

test('what lasted when the timeline was asked for goes on until now', () => {
  const asked = start / 1000 - 60;
  const timeline = { from: asked - 100, to: asked, watcher: [], migrations: {} };
  const spans = [
    ['catching_up', asked - 90, asked - 50],
    ['ready', asked - 50, asked],
  ] as const;
  expect(spansUntil(start, timeline, spans)).toEqual([
    ['catching_up', (asked - 90) * 1000, (asked - 50) * 1000],
    ['ready', (asked - 50) * 1000, start],
  ]);
});

test('a lane has its future where the axis has it', () => {
  const axis = axisOf('24h', start, { windows: [start + 119 * hour], estimates: [] });
  const lane = laneOf(axis, [], { deadline: start + 5 * hour });
  expect(lane).toEqual({
    from: axis.from,
    to: axis.to,
    now: axis.now,
    spans: [],
    deadline: axis.toAxis(start + 5 * hour),
  });
});

test('a lane is told in words', () => {
  const spans = [
    ['ready', start - hour, start],
    ['catching_up', start - 3 * hour, start - hour],
  ] as const;
  expect(laneText(spans, { deadline: start + hour }, start)).toBe(
    `Catching up ${clock(-3 * hour)} to ${clock(-hour)}; Ready ${clock(-hour)} to now; End of the window (estimate): ${clock(hour)}`,
  );
  const ahead = { deadline: start + hour, stated: 'stated by anna', plannedAt: start + 2 * hour };
  expect(laneText([], ahead, start)).toBe(
    `End of the window (stated by anna): ${clock(hour)}; Planned cutover: ${clock(2 * hour)}`,
  );
  expect(laneText([], {}, start)).toBe('Nothing is recorded');
});
