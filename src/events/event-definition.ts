import type { z } from 'zod';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** One kind of event: what people are told, how loudly, and which fields programs find. */
export interface Definition<Fields> {
  readonly level: Level | ((fields: Fields) => Level);
  /** When it is emitted, for the documentation. */
  readonly when: string;
  /** False for what is written to the log but not kept for the history. */
  readonly kept?: false;
  readonly fields: z.ZodType<Fields> & z.ZodObject;
  readonly sentence: (fields: Fields) => string;
}

/** Lets the sentence of an event know its fields. */
export function define<Fields>(definition: Definition<Fields>): Definition<Fields> {
  return definition;
}
