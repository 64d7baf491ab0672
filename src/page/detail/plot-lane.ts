import type { TimelineView } from '../../server/timeline-api.ts';
import type { Lane, LaneMark, Span } from '../../watch/migration/lane.ts';
import { type Ahead, spansUntil } from '../list/lane-of.ts';
import { localText } from '../times.ts';
import type { PlotLabel } from './lag-history.ts';
import type { TimeWindow } from './plot-window.ts';

/** Returns the last moment that lies ahead; undefined where nothing does. In ms since 1970. */
export function endOf({ deadline, readyBetween, plannedAt }: Ahead): number | undefined {
  const moments = [deadline, readyBetween?.[1], plannedAt].filter((moment) => moment !== undefined);
  return moments.length === 0 ? undefined : Math.max(...moments);
}

/**
 * Returns the lane of a part of the time axis (s since 1970), with the times in which the watcher itself did not run.
 * `key` is that of the migration; after `until`, nothing is known. `now` and `until` in ms
 * since 1970.
 */
export function laneWithin(
  { from, to }: TimeWindow,
  now: number,
  until: number,
  timeline: TimelineView | undefined,
  key: string,
  ahead: Ahead,
): Lane {
  const past: readonly Span[] =
    timeline === undefined
      ? []
      : spansUntil(until, timeline, [
          ...(timeline.migrations[key] ?? []),
          ...timeline.watcher.filter(([name]) => name === 'not_watching'),
        ]);
  const { deadline, readyBetween, plannedAt } = ahead;
  return { from: from * 1000, to: to * 1000, now, spans: past, deadline, readyBetween, plannedAt };
}

/** Returns what the plot fills behind the lag: all but lines, which have labels. Times in s since 1970. */
export function fillsOf(marks: readonly LaneMark[]): readonly LaneMark[] {
  return marks
    .filter(({ width }) => width > 0)
    .map((mark) => ({ ...mark, from: mark.from / 1000, to: mark.to / 1000 }));
}

/**
 * Returns the lines of now and of what lies ahead, in words. At the right edge, where nothing ahead is shown, now needs
 * no word. `now` in ms since 1970.
 */
export function aheadLabels(
  { deadline, plannedAt }: Ahead,
  now: number,
  showsAhead: boolean,
): readonly PlotLabel[] {
  const at = (moment: number): string => localText(moment, now);
  const labels: PlotLabel[] = [{ at: now / 1000, kind: 'now', text: showsAhead ? 'now' : '' }];
  if (deadline !== undefined)
    labels.push(
      deadline < now
        ? { at: deadline / 1000, kind: 'bad', text: `window ended ${at(deadline)}` }
        : { at: deadline / 1000, kind: 'ready', text: `window ends ${at(deadline)}` },
    );
  if (plannedAt !== undefined)
    labels.push({ at: plannedAt / 1000, kind: 'change', text: `planned cutover ${at(plannedAt)}` });
  return labels;
}
