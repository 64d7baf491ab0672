import type { VNode } from 'preact';
import type { EventRecord } from '../events/event-record.ts';
import { eventSign } from '../events/event-sign.ts';
import { Sign } from './badge.tsx';

/** Shows the sign of an event in a list of events. */
export function EventSign({ record: { event, level } }: { readonly record: EventRecord }): VNode {
  const { sign, tone } = eventSign(event, level);
  return (
    <span class="event-sign" data-tone={tone}>
      <Sign sign={sign} />
    </span>
  );
}
