import type { VNode } from 'preact';
import type { EventRecord } from '../../events/event-record.ts';
import { Sign } from '../badge.tsx';
import { eventSign } from '../event-sign.ts';
import { memo } from '../memo.ts';
import { utcText } from '../times.ts';

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Shows the events of a migration, the latest first. `events` are oldest first. */
export const Timeline = memo(({ events }: { readonly events: readonly EventRecord[] }) => (
  <ol class="timeline">
    {events.toReversed().map((record) => (
      <Entry key={record.eventId} record={record} />
    ))}
  </ol>
));

function Entry({ record }: { readonly record: EventRecord }): VNode {
  const { event, level, time, msg } = record;
  return (
    <li data-level={level} data-event={event}>
      <Sign sign={eventSign(record)} />
      <time dateTime={time} title={utcText(time)}>
        {moment.format(new Date(time))}
      </time>
      <span class="msg">{msg}</span>
    </li>
  );
}
