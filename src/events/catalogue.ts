import type { z } from 'zod';
import type { Definition } from './event-definition.ts';
import { migrationEvents } from './migration-events.ts';
import { watcherEvents } from './watcher-events.ts';

const entries = { ...migrationEvents, ...watcherEvents };

export type EventName = keyof typeof entries;
export type EventFields = { [Name in EventName]: z.output<(typeof entries)[Name]['fields']> };

/**
 * Every event there is. The order of this table is the order in which several events about one observation are
 * emitted. Names, fields and levels are a contract with whoever reads the log: changing one is a breaking change.
 */
export const catalogue: { readonly [Name in EventName]: Definition<EventFields[Name]> } = entries;

/** Version of the catalogue: raised with every breaking change of a name, field or level. */
export const eventSchemaVersion = 1;
