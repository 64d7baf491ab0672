import { type DestinationStream, type Level as PinoLevel, pino } from 'pino';
import { toEcs } from './ecs.ts';
import type { EventRecord } from './event-record.ts';
import { fitLine, maxLineBytes } from './line-limit.ts';
import type { Redactor } from './redactor.ts';

/** Room for the level and the message keys that pino adds to an ECS line, and for its line break. */
const envelopeBytes = 64;

export interface EmitterOptions {
  readonly destination: DestinationStream;
  readonly format: 'json' | 'ecs';
  readonly level: PinoLevel | 'silent';
  readonly redactor: Redactor;
}

/** Writes one line for one event. It cannot write anything that is not a record of the catalogue. */
export type Emit = (record: EventRecord) => void;

/**
 * Returns the one way by which events leave the program. Secrets are replaced and lines kept under 8 KiB on the
 * way. The destination must be synchronous: an event counts as written when this returns.
 */
export function createEmitter({ destination, format, level, redactor }: EmitterOptions): Emit {
  const ecs = format === 'ecs';
  const logger = pino(
    {
      level,
      base: null,
      timestamp: false,
      messageKey: ecs ? 'message' : 'msg',
      formatters: { level: (label) => ({ [ecs ? 'log.level' : 'level']: label }) },
    },
    destination,
  );
  return (record) => {
    const clean = fitLine(redactor.data(record) as EventRecord, maxLineBytes - envelopeBytes);
    const { level: _level, msg, ...fields } = clean;
    logger[record.level](ecs ? toEcs(clean) : fields, msg);
  };
}
