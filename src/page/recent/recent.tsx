import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import { Sign } from '../badge.tsx';
import { eventText } from '../detail/event-text.ts';
import { eventSign } from '../event-sign.ts';
import { memo } from '../memo.ts';
import { addressOf, type Filter } from '../route.ts';
import { localText, utcText } from '../times.ts';

interface RecentProps {
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  /** Whether they could not be requested. */
  readonly hasFailed: boolean;
  /** Id of the latest event that this browser has shown in the drawer. */
  readonly seen: string | undefined;
  readonly onSeen: (eventId: string) => void;
  readonly filter: Filter;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** What happened since this browser last looked: the latest event, and a drawer with all of them. */
export function Recent({ events, hasFailed, seen, onSeen, filter, now }: RecentProps): VNode | null {
  const [isOpen, setOpen] = useState(false);
  /** Where the new ones began when the drawer was opened: they stay marked until it is closed. */
  const [openedAt, setOpenedAt] = useState<string | undefined>();
  const news = events.filter(isNews);
  const latest = news.at(-1);
  const unread = unreadOf(news, isOpen ? openedAt : seen);
  if (latest === undefined && !hasFailed) return null;
  const look = (): void => {
    const id = latest?.eventId;
    if (typeof id === 'string') onSeen(id);
  };
  const toggle = (): void => {
    setOpenedAt(seen);
    setOpen(!isOpen);
    look();
  };
  return (
    <footer class="recent">
      {isOpen && (
        <ol id="recent-events" class="timeline recent-events" aria-label="Recent events, the latest first">
          {news.toReversed().map((record) => (
            <Entry
              key={record.eventId}
              record={record}
              filter={filter}
              isUnread={unread.has(record)}
              day={dayOf(now)}
            />
          ))}
        </ol>
      )}
      <div class="recent-line">
        <button
          type="button"
          class="small"
          aria-expanded={isOpen}
          aria-controls="recent-events"
          onClick={toggle}
        >
          Recent
          {unread.size > 0 && <b class="unread">{unread.size} new</b>}
        </button>
        <p id="latest" aria-live="polite">
          {hasFailed
            ? 'The recent events can’t be loaded now. Trying again.'
            : latest && `${localText(latest.time, now)} ${eventText(latest, (at) => localText(at, now))}`}
        </p>
      </div>
    </footer>
  );
}

interface EntryProps {
  readonly record: EventRecord;
  readonly filter: Filter;
  readonly isUnread: boolean;
  /** The day by the reader's clock, in ms since 1970: times of today have no date. */
  readonly day: number;
}

const Entry = memo(({ record, filter, isUnread, day }: EntryProps) => {
  const { event, level, time, migration } = record;
  const text = eventText(record, (at) => localText(at, day));
  return (
    <li data-level={level} data-event={event} data-unread={isUnread}>
      <Sign sign={eventSign(record)} />
      <time dateTime={time} title={utcText(time)}>
        {localText(time, day)}
      </time>
      <span class="msg">
        {typeof migration === 'string' ? <a href={addressOf({ filter, migration })}>{text}</a> : text}
        {isUnread && <span class="visually-hidden"> (new)</span>}
      </span>
    </li>
  );
});

function isNews({ level, event }: EventRecord): boolean {
  return level !== 'debug' && event !== 'watcher.heartbeat';
}

/** Returns those after the one that was seen last; none for a browser that has never looked. */
function unreadOf(news: readonly EventRecord[], seen: string | undefined): ReadonlySet<EventRecord> {
  if (seen === undefined) return new Set();
  return new Set(news.slice(news.findIndex(({ eventId }) => eventId === seen) + 1));
}

function dayOf(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}
