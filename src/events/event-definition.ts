import { z } from 'zod';
import { errorKinds } from '../atlas/error-kind.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** One kind of event: its level, its sentence for people, and the fields for programs. */
export interface Definition<Fields> {
  readonly level: Level | ((fields: Fields) => Level);
  /** When it is emitted, for the documentation. */
  readonly when: string;
  /** False for an event with an id that is written to standard output and not stored. */
  readonly durable?: false;
  readonly fields: z.ZodType<Fields> & z.ZodObject;
  readonly sentence: (fields: Fields) => string;
}

/** Returns the definition. It exists so that TypeScript infers the fields of the sentence. */
export function define<Fields>(definition: Definition<Fields>): Definition<Fields> {
  return definition;
}

const isoTime = z.iso.datetime({ precision: 3 });
const status = z
  .string()
  .meta({ description: 'Status of the migration as Atlas reports it; undocumented ones are kept' });
const ready = z.boolean().meta({ description: 'Whether Atlas says that cutover may be started' });
const lag = z.number().meta({ description: 'How far the copy is behind the source, in seconds' });
const hosts = z.array(z.string()).meta({ description: 'Hosts that run the migration' });

/** What every event about a migration carries. `status`, `readyForCutover` and `migrationHosts` are the
 * latest known; a reply may leave them out. */
export const migrationFields = {
  eventId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .meta({
      description: 'The same for every line about one event, also when it is written twice around a crash',
    }),
  migration: z.string().meta({ description: 'Name of the migration in the configuration' }),
  groupId: z.string().meta({ description: 'Project (group) id' }),
  liveMigrationId: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  status: status.optional(),
  readyForCutover: ready.optional(),
  lagTimeSeconds: lag.optional(),
  migrationHosts: hosts.optional(),
  observedAt: isoTime.optional(),
  previous: z
    .object({
      status: status.optional(),
      readyForCutover: ready.optional(),
      lagTimeSeconds: lag.optional(),
      observedAt: isoTime,
    })
    .optional()
    .meta({ description: 'The observation before' }),
  gapSeconds: z.number().positive().optional().meta({
    description:
      'Age of the observation before, where it was more than two intervals old: the watcher was down, suspended, or could not read',
  }),
  lateSeconds: z.number().positive().optional().meta({
    description:
      'So long after it was due, where what the clock makes due is reported more than two intervals late',
  }),
} as const;

/** The window for the cutover. */
export const windowFields = {
  readySince: isoTime.meta({ description: 'First observation of this readiness' }),
  deadline: isoTime.meta({ description: 'As somebody stated it; else readySince plus cutover.window' }),
  deadlineEstimated: z
    .boolean()
    .meta({ description: 'True unless somebody stated the deadline: Atlas never shows it' }),
  deadlineSource: z
    .enum(['estimated', 'operator', 'configuration'])
    .meta({ description: 'Where the deadline comes from: an estimate, a command, or the configuration' }),
} as const;

export const remainingSeconds = z.number().meta({
  description: 'Time to the deadline; negative once it has passed',
});

/** Present where the lag of a ready migration is gone, as it is once the cutover has begun. */
export const cutoverMayHaveBegun = z
  .literal(true)
  .optional()
  .meta({ description: 'Its lag is gone while it was ready: the cutover may have begun' });

/** Present where it is not known whether a migration is still ready. */
export const lastReadSecondsAgo = z
  .number()
  .nonnegative()
  .optional()
  .meta({ description: 'Age of the latest observation, where the migration could not be read just now' });

/** How the lag develops. The estimate follows from the pace over half of the time that it covers. */
export const lagFields = {
  lagTrendPerMinute: z.number().optional().meta({
    description: 'Seconds of lag per minute, a robust slope; negative while the copy is catching up',
  }),
  readyInSeconds: z.number().optional().meta({ description: 'Estimated time to readiness' }),
  readyInSecondsRange: z.array(z.number()).optional().meta({
    description: 'Earliest and latest plausible time, meant to hold in nine of ten cases',
  }),
} as const;

/** How the lag changed during a stall, each value without the noise of a single reading. */
export const lagChangeFields = {
  lagThenSeconds: z.number().meta({
    description: 'The lag when the stall began; of a recovery, the highest lag of the stall',
  }),
  lagNowSeconds: z.number().meta({ description: 'The lag now' }),
} as const;

/** Facts about a fault. */
export const faultFields = {
  errorType: z.enum(errorKinds),
  httpStatus: z.int().optional(),
  errorCode: z.string().optional().meta({ description: 'Error code of Atlas' }),
  detail: z.string(),
  remedy: z.string(),
} as const;

export const seconds = z.number().nonnegative();
export const count = z.int().nonnegative();
export { hosts, isoTime, status };
