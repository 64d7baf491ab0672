import { type LevelWithSilent, pino } from 'pino';
import { toEcs } from './ecs.ts';
import type { EventRecord } from './event-record.ts';
import type { Redactor } from './redactor.ts';
import { fitLine, maxLineBytes } from './truncate.ts';

/** Room for the line break, and in ECS for its longer and additional field names. */
const envelopeBytes = { json: 64, ecs: 320 };

/** Where lines go. A line is written for good when `write` returns and `closed` is still false. */
export interface LineOutput {
  readonly closed: boolean;
  write(line: string): void;
}

export interface EmitterOptions {
  readonly output: LineOutput;
  readonly format: 'json' | 'ecs';
  readonly level: LevelWithSilent;
  readonly redactor: Redactor;
}

/** Writes one line for one event of the catalogue; returns false when the output would not take it. */
export type Emit = (record: EventRecord) => boolean;

/** Returns an event as it leaves the program: without secrets, and cut where its line would be too long. */
export function publicRecord(
  record: EventRecord,
  redactor: Redactor,
  format: keyof typeof envelopeBytes = 'json',
): EventRecord {
  return fitLine(redactor.data(record) as EventRecord, maxLineBytes - envelopeBytes[format]);
}

/**
 * Returns the one way by which events leave the program. Secrets are replaced and lines kept under 8 KiB on the
 * way.
 */
export function createEmitter({ output, format, level, redactor }: EmitterOptions): Emit {
  const ecs = format === 'ecs';
  const logger = pino(
    {
      level,
      base: null,
      timestamp: false,
      messageKey: ecs ? 'message' : 'msg',
      formatters: { level: (label) => ({ [ecs ? 'log.level' : 'level']: label }) },
    },
    output,
  );
  return (record) => {
    const clean = publicRecord(record, redactor, format);
    const { level: _level, msg, ...fields } = clean;
    logger[record.level](ecs ? toEcs(clean) : fields, msg);
    return !output.closed;
  };
}
