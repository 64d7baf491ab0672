import { z } from 'zod';
import { errorKinds } from '../atlas/error-kind.ts';

const isoTime = z.iso.datetime({ precision: 3 });
const status = z
  .string()
  .meta({ description: "Atlas's word for the state of the migration; unknown words are kept" });
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
      description:
        'Same for every line about one transition, also when a line is written twice around a crash',
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
  whileDown: z
    .literal(true)
    .optional()
    .meta({ description: 'It happened while the watcher was not running' }),
} as const;

/** When the window for cutover is taken to have begun, and to end. */
export const windowFields = {
  readySince: isoTime.meta({ description: 'First observation of this readiness' }),
  deadline: isoTime.meta({ description: 'readySince plus cutover.window' }),
  deadlineEstimated: z.literal(true).meta({ description: 'Atlas never shows the real deadline' }),
} as const;

export const remainingSeconds = z.number().meta({
  description: 'Time to the estimated deadline; negative once it has passed',
});

/** When it is not known whether a migration is ready still. */
export const lastReadSecondsAgo = z
  .number()
  .nonnegative()
  .optional()
  .meta({ description: 'Age of what is known, where it was not read just now' });

/** How the lag gets on. The estimate assumes that the pace of late holds. */
export const lagFields = {
  lagTrendPerMinute: z.number().optional().meta({
    description: 'Seconds of lag per minute, a robust slope; negative while the copy is catching up',
  }),
  readyInSeconds: z.number().optional().meta({ description: 'Estimated time to readiness at this pace' }),
  readyInSecondsRange: z.array(z.number()).optional().meta({
    description:
      'Earliest and latest plausible time, meant to hold four times in five; without the latest when the slowest pace never gets there, or not in a month',
  }),
} as const;

/** What is known of a fault. */
export const faultFields = {
  errorType: z.enum(errorKinds),
  httpStatus: z.int().optional(),
  errorCode: z.string().optional().meta({ description: "Atlas's own word for the error" }),
  detail: z.string(),
  remedy: z.string(),
} as const;

export const seconds = z.number().nonnegative();
export const count = z.int().nonnegative();
export { hosts, isoTime, status };
