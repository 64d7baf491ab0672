import { catalogue, type EventFields, type EventName } from './catalogue.ts';
import type { Definition, Level } from './event-definition.ts';
import { formatSpan } from './format.ts';

/** One event as it is stored and written: the fields of the catalogue and the fields of every line, flat. */
export interface EventRecord {
  readonly level: Level;
  readonly time: string;
  readonly service: 'cutover-watch';
  readonly event: EventName;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Returns whether an event is stored in the event log. One that a newer version stored has a name that is not known. */
export function isDurable({ event, eventId }: EventRecord): boolean {
  const definition: Pick<Definition<never>, 'durable'> | undefined = catalogue[event];
  return eventId !== undefined && definition?.durable !== false;
}

/** Returns the record of one event: its level and sentence follow from the catalogue. `now` in ms since 1970. */
export function buildEvent<Name extends EventName>(
  name: Name,
  fields: EventFields[Name],
  now: number,
): EventRecord {
  const { level, sentence } = catalogue[name];
  return {
    level: typeof level === 'string' ? level : level(fields),
    time: new Date(now).toISOString(),
    service: 'cutover-watch',
    event: name,
    ...fields,
    msg: `${sentence(fields)}${name.startsWith('migration.') ? delays(fields) : ''}`,
  };
}

/** The sentence of an outage has its own times. */
function delays(fields: object): string {
  const { gapSeconds, lateSeconds } = fields as Partial<EventFields['migration.first_seen']>;
  const gap = gapSeconds === undefined ? undefined : `not read for ${formatSpan(gapSeconds)} before`;
  const late = lateSeconds === undefined ? undefined : `reported ${formatSpan(lateSeconds)} late`;
  const parts = [late, gap].filter((part) => part !== undefined).join(', ');
  return parts === '' ? '' : ` (${parts.charAt(0).toUpperCase()}${parts.slice(1)}.)`;
}
