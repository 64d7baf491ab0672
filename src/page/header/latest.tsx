import type { VNode } from 'preact';
import type { EventRecord } from '../../events/event-record.ts';
import { localText } from '../times.ts';

interface LatestProps {
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** Shows the latest event that is news. */
export function Latest({ events, now }: LatestProps): VNode {
  const latest = events.findLast(({ level, event }) => level !== 'debug' && event !== 'watcher.heartbeat');
  return (
    <footer class="latest">
      <p id="latest" aria-live="polite">
        {latest && `${localText(latest.time, now)} ${latest.msg}`}
      </p>
    </footer>
  );
}
