import type { VNode } from 'preact';
import type { EventRecord } from '../../events/event-record.ts';
import { EventSign } from '../event-sign.tsx';
import { eventText } from '../event-text.ts';
import { memo } from '../memo.ts';
import { Moment } from '../moment.tsx';
import { dayAndTime, zonedText } from '../times.ts';
import { type EventGroup, foldEvents } from './fold-events.ts';

/** For screen readers, which skip the signs. */
const levelWords: Readonly<Record<string, string>> = { warn: 'Warning: ', error: 'Error: ' };

interface TimelineProps {
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  /** Milliseconds since 1970, by the watcher's clock, in steps of a day: moments of another day have their date. */
  readonly now: number;
}

/** Shows the events of a migration, the latest first. */
export const Timeline = memo(({ events, now }: TimelineProps) => (
  <ol class="timeline">
    {foldEvents(events).map((group) => (
      <Group key={group.events.at(-1)?.eventId} group={group} now={now} />
    ))}
  </ol>
));

function Group({
  group: { events, text },
  now,
}: {
  readonly group: EventGroup;
  readonly now: number;
}): VNode {
  const [latest] = events;
  if (text === undefined) return <Entry record={latest} now={now} />;
  const first = events.at(-1) ?? latest;
  return (
    <li>
      <EventSign record={latest} />
      <Moment at={latest.time} text={dayAndTime(latest.time, now)} />
      <details class="msg">
        <summary>{`${text} since ${zonedText(first.time, now)}`}</summary>
        <ol class="timeline">
          {events.map((record) => (
            <Entry key={record.eventId} record={record} now={now} />
          ))}
        </ol>
      </details>
    </li>
  );
}

function Entry({ record, now }: { readonly record: EventRecord; readonly now: number }): VNode {
  const { level, time } = record;
  return (
    <li>
      <EventSign record={record} />
      <Moment at={time} text={dayAndTime(time, now)} />
      <span class="msg">
        <span class="visually-hidden">{levelWords[level]}</span>
        {eventText(record, (isoTime) => zonedText(isoTime, now))}
      </span>
    </li>
  );
}
