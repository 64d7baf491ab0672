import { type LevelWithSilent, pino } from 'pino';
import { toEcs } from './ecs.ts';
import type { EventRecord } from './event-record.ts';
import { publicRecord } from './public-record.ts';
import type { Redactor } from './redactor.ts';

/** Where lines go. */
export interface LineOutput {
  /** Returns whether the line is written. A refused line may be offered again. */
  write(line: string): boolean;
}

export interface EmitterOptions {
  readonly output: LineOutput;
  readonly format: 'json' | 'ecs';
  readonly level: LevelWithSilent;
  readonly redactor: Redactor;
  /** Whether another watcher may report the same as the line that is written now. Default: never. */
  readonly isUnfenced?: (() => boolean) | undefined;
}

/** Hands one event of the catalogue to the recorder. */
export type Emit = (record: EventRecord) => void;

/** Writes one line for one event; returns false when the output would not take it. */
export type WriteEvent = (record: EventRecord) => boolean;

/**
 * Returns the function that writes all events of the program. It redacts secrets and keeps lines under 8 KiB. A line that another
 * watcher may report too carries `unfenced`.
 */
export function createEmitter({
  output,
  format,
  level,
  redactor,
  isUnfenced = () => false,
}: EmitterOptions): WriteEvent {
  const ecs = format === 'ecs';
  let isTaken = true;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: false,
      messageKey: ecs ? 'message' : 'msg',
      formatters: { level: (label) => ({ [ecs ? 'log.level' : 'level']: label }) },
    },
    {
      write(line: string): void {
        isTaken = output.write(line);
      },
    },
  );
  return (record) => {
    const marked = isUnfenced() ? { ...record, unfenced: true } : record;
    const clean = publicRecord(marked, redactor, format);
    const { level: _level, msg, ...fields } = clean;
    // What the level leaves out is never written.
    isTaken = true;
    logger[record.level](ecs ? toEcs(clean) : fields, msg);
    return isTaken;
  };
}
