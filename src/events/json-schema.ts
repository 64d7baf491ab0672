import { z } from 'zod';
import { catalogue, type EventName, eventSchemaId } from './catalogue.ts';
import { isoTime } from './event-definition.ts';

const levels = z.enum(['debug', 'info', 'warn', 'error']);

const unfenced = z.literal(true).meta({
  description:
    'Another watcher may report the same under another `eventId`: this one cannot reach the database that they share',
});

/** Returns the schema of a line of this event: its own fields and the fields of every line. */
export function lineSchema(name: EventName): z.ZodObject {
  const { fields, level, when } = catalogue[name];
  return fields
    .extend({
      time: isoTime,
      level: typeof level === 'string' ? z.literal(level) : levels,
      service: z.literal('cutover-watch'),
      event: z.literal(name),
      msg: z.string().meta({ description: 'A sentence for people' }),
      unfenced: unfenced.optional(),
    })
    .meta({ title: name, description: `When: ${when}` });
}

/** Returns the JSON Schema (draft 2020-12) of a line of the log, in `log.format: json`. */
export function eventsJsonSchema(): object {
  const names = Object.keys(catalogue) as EventName[];
  const { $schema, ...lines } = z.toJSONSchema(z.union(names.map(lineSchema)), { io: 'input' });
  return {
    $schema,
    $id: eventSchemaId,
    title: 'cutover-watch events',
    description: 'One line of the log. Fields may be added; readers ignore those they do not know.',
    ...lines,
  };
}
