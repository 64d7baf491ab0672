import type { z } from 'zod';
import { type Definition, migrationFields } from './event-definition.ts';
import { migrationEvents } from './migration-events.ts';
import { notificationEvents } from './notification-events.ts';
import { operatorEvents } from './operator-events.ts';
import { standbyEvents } from './standby-events.ts';
import { watcherEvents } from './watcher-events.ts';

const entries = {
  ...migrationEvents,
  ...operatorEvents,
  ...watcherEvents,
  ...notificationEvents,
  ...standbyEvents,
};

export type EventName = keyof typeof entries;
export type EventFields = { [Name in EventName]: z.output<(typeof entries)[Name]['fields']> };

/**
 * Every event there is. The order of this table is the order in which several events about one observation are
 * emitted. Names, fields and levels are a contract with readers of the log: changing one is a breaking change.
 */
export const catalogue: { readonly [Name in EventName]: Definition<EventFields[Name]> } = entries;

/** Version of the catalogue: raised with every breaking change of a name, field or level. */
export const eventSchemaVersion = 1;
/** Identifies the schema of the events of this version: its `$id`. */
export const eventSchemaId = `urn:cutover-watch:events:${eventSchemaVersion}`;

/** Returns the catalogue as a Markdown table: event, level, when it is emitted, and its own fields. */
export function eventReference(): string {
  const names = Object.keys(catalogue) as EventName[];
  const rows = names.map((name) => {
    const { level, when, fields } = catalogue[name];
    const common = Object.hasOwn(fields.shape, 'eventId') ? migrationFields : {};
    const own = Object.keys(fields.shape).filter((field) => !Object.hasOwn(common, field));
    const levels = typeof level === 'string' ? level : 'by case';
    return `| \`${name}\` | ${levels} | ${when} | ${own.map((field) => `\`${field}\``).join(', ')} |`;
  });
  return `${['| Event | Level | When | Fields of its own |', '| --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}
