import { useMemo } from 'preact/hooks';
import type { MigrationRow } from '../data/migration-row.ts';
import type { Range } from '../route.ts';
import { type Axis, axisOf } from './axis.ts';
import { aheadOf } from './lane-of.ts';

/** The axis moves on this often. In ms. */
const everyMs = 15_000;

/** Returns the axis of all lanes: the same object until it moves on. `now` in ms since 1970. */
export function useAxis(range: Range, rows: readonly MigrationRow[], now: number): Axis {
  const step = Math.floor(now / everyMs);
  // Not with every change of a row: with thousands of them there are some all the time.
  const ends = useMemo(() => endsOf(rows, now), [rows.length, step]);
  return useMemo(() => axisOf(range, now, ends), [range, ends, step]);
}

/** Returns the moments ahead that the axis has to reach. */
function endsOf(rows: readonly MigrationRow[], now: number) {
  const ahead = rows.map(({ view }) => aheadOf(view, now));
  return {
    windows: ahead.flatMap(({ deadline, plannedAt }) => [deadline ?? 0, plannedAt ?? 0]),
    estimates: ahead.flatMap(({ readyBetween }) => readyBetween?.[1] ?? []),
  };
}
