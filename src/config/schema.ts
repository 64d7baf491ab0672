import { z } from 'zod';
import { hostName, listenAddress } from './address-schemas.ts';
import { atlasSchema } from './atlas-schema.ts';
import { cron, timezone } from './cron.ts';
import { type Milliseconds, parseDuration } from './duration.ts';
import { usualListen } from './listen-address.ts';
import { migrationsSchema } from './migrations-schema.ts';
import type { ProxyConfig } from './proxy.ts';
import { type CrossCheck, crossCheck, property } from './scalar-schema.ts';
import { choice, duration, filePath, line, wholeNumber } from './scalars.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Earlier versions took a count of polls here. */
const COUNT_OF_POLLS =
  'is {value}, a number of polls; write how long polls must have failed, such as 90s for 3 polls every 30 s.';
const WARN_BEFORE = ['48h', '24h', '6h', '1h'] as const;

const retrySchema = z
  .strictObject({
    attempts: wholeNumber(1, 10).prefault(4).meta({ description: 'Tries for one poll, the first included.' }),
    minDelay: duration(0, HOUR)
      .prefault('1s')
      .meta({ description: 'Wait before the second try; it doubles with each further one, with jitter.' }),
    maxDelay: duration(0, HOUR).prefault('30s').meta({ description: 'The longest wait between two tries.' }),
    maxRetryAfter: duration(0, DAY)
      .prefault('5m')
      .meta({ description: 'The longest `Retry-After` of Atlas to wait for; it beats the waits above.' }),
  })
  .check(crossCheck(findDelayConflict));

const scheduleSchema = z.strictObject({
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
});

const cutoverSchema = z
  .strictObject({
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
  })
  .check(crossCheck(findWarningsBeyondWindow))
  .transform((cutover) => ({
    ...cutover,
    warnBefore: sortedWarnings(cutover.warnBefore ?? defaultWarnings(cutover.window)),
  }));

const watchSchema = z.strictObject({
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
});

const stateSchema = z.strictObject({
  path: filePath().optional().meta({
    description:
      'File that keeps what was observed and reported, so that a restart neither repeats nor loses events; `:memory:` keeps nothing.',
    defaultText:
      '`$STATE_DIRECTORY/state.db`, else `$XDG_STATE_HOME/cutover-watch/state.db`, else `~/.local/state/cutover-watch/state.db`',
    example: '/var/lib/cutover-watch/state.db',
  }),
});

const httpSchema = z.strictObject({
  listen: listenAddress().prefault(usualListen).meta({
    description: 'Where to serve the status page, health, metrics and the API; false for no server.',
  }),
  allowedHosts: z
    .array(hostName(), { error: 'is {value}; write a list of host names such as [watch.example.com].' })
    .prefault([])
    .meta({
      description:
        'Host names that requests may use for this server, besides `localhost` and the one in `http.listen`.',
      kind: 'list of host names',
    }),
  title: line(60).optional().meta({
    description:
      'Name of this watcher on its status page and in the tab, to tell one from another; at most 60 characters.',
    defaultText: 'none',
    example: 'production',
  }),
});

const logSchema = z.strictObject({
  level: choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent')
    .prefault('info')
    .meta({ description: 'The least important events to write.' }),
  format: choice('auto', 'json', 'pretty', 'ecs')
    .prefault('auto')
    .meta({ description: 'Shape of the log lines; `auto` is `pretty` on a terminal and `json` otherwise.' }),
});

/** The whole configuration: every key, its default and what it does. Unknown keys are refused. */
export const configSchema = z.strictObject({
  atlas: atlasSchema
    .prefault({})
    .meta({ description: 'Where Atlas is, how to sign in, and how often to ask.' }),
  retry: retrySchema.prefault({}).meta({ description: 'What to do when a request fails.' }),
  schedule: scheduleSchema.prefault({}).meta({ description: 'When to poll.' }),
  cutover: cutoverSchema.prefault({}).meta({ description: 'The time Atlas allows for the cutover.' }),
  watch: watchSchema.prefault({}).meta({ description: 'When to report about the watching itself.' }),
  migrations: migrationsSchema,
  state: stateSchema.prefault({}).meta({
    description: 'What is kept over a restart, so that no event is repeated or lost.',
  }),
  http: httpSchema.prefault({}).meta({ description: 'Health, metrics and the API.' }),
  log: logSchema.prefault({}).meta({ description: 'The log lines on standard output.' }),
});

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

type Parsed = DeepReadonly<z.output<typeof configSchema>>;

/** The configuration as the program uses it: all keys filled in, durations in milliseconds. */
export type Config = Omit<Parsed, 'state'> & {
  readonly state: { readonly path: string };
  /** From the environment alone, where it names a proxy that reaches Atlas. */
  readonly proxy?: ProxyConfig;
};

function findDelayConflict(retry: unknown): readonly CrossCheck[] {
  const min = property(retry, 'minDelay');
  const max = property(retry, 'maxDelay');
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return [];
  const clause =
    'is longer than retry.maxDelay; shorten it or lengthen the other (1s and 30s are the defaults).';
  return [{ path: ['minDelay'], clause }];
}

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

function defaultWarnings(window: Milliseconds): readonly Milliseconds[] {
  return WARN_BEFORE.map((text) => parseDuration(text) ?? 0).filter((warning) => warning < window);
}

function sortedWarnings(warnings: readonly Milliseconds[]): readonly Milliseconds[] {
  return [...new Set(warnings)].toSorted((one, other) => other - one);
}
