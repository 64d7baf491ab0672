import { useMemo } from 'preact/hooks';
import type { TimelineView } from '../../server/timeline-api.ts';
import type { Span } from '../../watch/migration/lane.ts';
import type { Axis } from './axis.ts';
import { spansUntil } from './lane-of.ts';

/** Returns when a watcher ran, until now; undefined while that is not known. */
export function useWatcherSpans(
  { now }: Axis,
  timeline: TimelineView | undefined,
): readonly Span[] | undefined {
  return useMemo(() => timeline && spansUntil(now, timeline, timeline.watcher), [now, timeline]);
}
