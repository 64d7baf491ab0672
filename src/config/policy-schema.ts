import { z } from 'zod';
import { cron, timezone } from './cron.ts';
import { type Milliseconds, parseDuration } from './duration.ts';
import { type CrossCheck, crossCheck, property } from './scalar-schema.ts';
import { duration } from './scalars.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Earlier versions took a count of polls here. */
const COUNT_OF_POLLS =
  'is {value}, a number of polls; write how long polls must have failed, such as 90s for 3 polls every 30 s.';
const WARN_BEFORE = ['48h', '24h', '6h', '1h'] as const;

/** The keys of `schedule`. */
export const scheduleFields = {
  timezone: timezone()
    .prefault('UTC')
    .meta({ description: 'Time zone of the cron expressions; only UTC has no clock changes.' }),
  default: cron()
    .prefault('*/30 * * * * *')
    .meta({ description: 'When to poll: a cron expression, seconds first.' }),
  approaching: cron().prefault('*/5 * * * * *').meta({
    description:
      'When to poll a migration whose lag is at or under `approachingLag`, ready or not, or that will be ready within three minutes at its pace. It stays on this schedule until the lag or the time is twice that.',
  }),
  approachingLag: duration(0, DAY)
    .prefault('5m')
    .meta({ description: 'The lag at or under which a migration counts as close to ready.' }),
};

export const scheduleSchema = z.strictObject(scheduleFields);

/** The keys of `cutover`. */
export const cutoverFields = {
  window: duration(SECOND, 30 * DAY)
    .prefault('120h')
    .meta({ description: 'How long Atlas waits for the cutover once a migration is ready.' }),
  warnBefore: z
    .array(duration(SECOND, 30 * DAY), {
      error: `is {value}; write a list of durations such as [${WARN_BEFORE.join(', ')}].`,
    })
    .optional()
    .meta({
      description:
        'How long before the end of the window to warn; each shorter than the window, an empty list for never.',
      shownDefault: WARN_BEFORE,
      kind: 'list of durations',
    }),
  remindEvery: duration(SECOND, 20 * DAY, { zeroIsNever: true })
    .prefault('12h')
    .meta({
      description: 'How often to remind while ready and nobody has cut over; 0 for never.',
    }),
  lagAtMost: duration(SECOND, DAY).prefault('5m').meta({
    description:
      'A ready migration whose lag is above this for 10 minutes is reported: a cutover then would take long.',
  }),
};

export const cutoverSchema = z
  .strictObject(cutoverFields)
  .check(crossCheck(findWarningsBeyondWindow))
  .transform((cutover) => ({
    ...cutover,
    warnBefore: sortedWarnings(cutover.warnBefore ?? defaultWarnings(cutover.window)),
  }));

/** The keys of `watch`. */
export const watchFields = {
  unreachableAfter: duration(0, DAY, { bareNumber: COUNT_OF_POLLS }).prefault('90s').meta({
    description:
      'How long polls must have failed, at least twice in a row, before a migration counts as unreachable.',
  }),
  remindEvery: duration(SECOND, 20 * DAY, { zeroIsNever: true })
    .prefault('12h')
    .meta({ description: 'How often to remind while an outage lasts; 0 for never.' }),
  stallAfter: duration(SECOND, 20 * DAY)
    .prefault('30m')
    .meta({
      description: 'How long the lag may make no progress before it counts as stalled.',
    }),
  heartbeat: duration(100, DAY)
    .prefault('5m')
    .meta({ description: 'How often to write a `watcher.heartbeat` event.' }),
};

export const watchSchema = z.strictObject(watchFields);

function findWarningsBeyondWindow(cutover: unknown): readonly CrossCheck[] {
  const window = property(cutover, 'window');
  const warnings = property(cutover, 'warnBefore');
  if (typeof window !== 'number' || !Array.isArray(warnings)) return [];
  return warnings.flatMap((warning: unknown, index) =>
    typeof warning === 'number' && warning >= window
      ? [
          {
            path: ['warnBefore', index],
            clause: 'is {value}, not shorter than cutover.window; write a shorter duration.',
          },
        ]
      : [],
  );
}

/** Returns when to warn in a window without a list of its own. */
export function defaultWarnings(window: Milliseconds): readonly Milliseconds[] {
  return WARN_BEFORE.map((text) => parseDuration(text) ?? 0).filter((warning) => warning < window);
}

/** Returns warnings without duplicates, the earliest first. */
export function sortedWarnings(warnings: readonly Milliseconds[]): readonly Milliseconds[] {
  return [...new Set(warnings)].toSorted((one, other) => other - one);
}
