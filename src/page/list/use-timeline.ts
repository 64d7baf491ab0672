import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import type { TimelineView } from '../../server/timeline-api.ts';
import { laneEvents } from '../../watch/migration/migration-lane.ts';
import { getJson } from '../data/api.ts';
import type { Range } from '../route.ts';

const everyMs = 60_000;
/** What happened is shown after so long at most, so that a burst of events is one request. In ms. */
const afterEventMs = 5_000;
const firstRetryMs = 10_000;

/** The phases of all migrations, as far as they are known. */
export interface KnownTimeline {
  /** Undefined until it has arrived. */
  readonly timeline: TimelineView | undefined;
  /** The latest request failed. */
  readonly isFailed: boolean;
  readonly retry: () => void;
}

/**
 * Requests the phases of all migrations: at first, for another range, every minute while the page is visible, and soon
 * after an event that changes them. `reconnects` is another number after a lost connection.
 */
export function useTimeline(range: Range, events: readonly EventRecord[], reconnects: number): KnownTimeline {
  const [timeline, setTimeline] = useState<TimelineView | undefined>();
  const [isFailed, setFailed] = useState(false);
  const [request, setRequest] = useState(0);
  const again = (): void => setRequest((number) => number + 1);

  useEffect(() => {
    let isWanted = true;
    void ask();
    return () => {
      isWanted = false;
    };

    async function ask(): Promise<void> {
      const answer = await getJson<TimelineView>(`api/timeline?from=${range}`).catch(() => undefined);
      if (!isWanted) return;
      setFailed(answer === undefined);
      if (answer !== undefined) setTimeline(answer);
    }
  }, [range, reconnects, request]);

  useEffect(() => {
    const tick = (): void => {
      if (!document.hidden) again();
    };
    const timer = setInterval(tick, isFailed ? firstRetryMs : everyMs);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [isFailed]);

  const latest = events.findLast(({ event }) => laneEvents.includes(event));
  const first = useRef(latest);
  useEffect(() => {
    if (latest === first.current) return;
    const timer = setTimeout(again, afterEventMs);
    return () => clearTimeout(timer);
  }, [latest]);

  return { timeline, isFailed, retry: again };
}
