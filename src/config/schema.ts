import { z } from 'zod';
import { hostName, listenAddress } from './address-schemas.ts';
import { atlasSchema } from './atlas-schema.ts';
import { isDatabaseAddress } from './database-address.ts';
import { usualListen } from './listen-address.ts';
import { includeSchema, migrationsSchema } from './migrations-schema.ts';
import { notifySchema, pingSchema } from './notify-schema.ts';
import { findOverrideConflicts } from './override-checks.ts';
import { cutoverSchema, scheduleSchema, watchSchema } from './policy-schema.ts';
import type { ProxyConfig } from './proxy.ts';
import { type CrossCheck, crossCheck, property } from './scalar-schema.ts';
import { choice, duration, filePath, line, wholeNumber } from './scalars.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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

const stateSchema = z
  .strictObject({
    path: filePath((text) =>
      isDatabaseAddress(text)
        ? 'is the address of a database, a secret, and not the path of a file; put it into a file, and name that as state.urlFile.'
        : undefined,
    )
      .optional()
      .meta({
        description:
          'File that keeps what was observed and reported, so that a restart neither repeats nor loses events; `:memory:` keeps nothing.',
        defaultText:
          '`$STATE_DIRECTORY/state.db`, else `$XDG_STATE_HOME/cutover-watch/state.db`, else `~/.local/state/cutover-watch/state.db`',
        example: '/var/lib/cutover-watch/state.db',
      }),
    urlFile: filePath((text) =>
      text.includes('://')
        ? 'is the address itself, a secret, and not the path of its file; put it into a file, and write the path here.'
        : undefined,
    )
      .optional()
      .meta({
        description:
          'In place of `path`, file with the address of a PostgreSQL database that several watchers share, `postgresql://user:password@host:5432/database`.',
        example: '/run/secrets/state-url',
      }),
    lease: duration(5 * SECOND, 10 * MINUTE)
      .prefault('30s')
      .meta({
        description: 'With a database: how long it trusts a watcher that it does not hear from.',
      }),
  })
  .check(crossCheck(findTwoPlaces));

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
      'Name of this watcher on its status page and in the tab, to distinguish several; at most 60 characters.',
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
export const configSchema = z
  .strictObject({
    atlas: atlasSchema
      .prefault({})
      .meta({ description: 'Where Atlas is, how to sign in, and how often to ask.' }),
    retry: retrySchema.prefault({}).meta({ description: 'What to do when a request fails.' }),
    schedule: scheduleSchema.prefault({}).meta({ description: 'When to poll.' }),
    cutover: cutoverSchema.prefault({}).meta({ description: 'The time Atlas allows for the cutover.' }),
    watch: watchSchema.prefault({}).meta({ description: 'When to report about the watching itself.' }),
    migrations: migrationsSchema,
    include: includeSchema,
    notify: notifySchema,
    ping: pingSchema,
    state: stateSchema.prefault({}).meta({
      description: 'What is kept over a restart, so that no event is repeated or lost.',
    }),
    http: httpSchema.prefault({}).meta({ description: 'Health, metrics and the API.' }),
    log: logSchema.prefault({}).meta({ description: 'The log lines on standard output.' }),
  })
  .check(crossCheck(findOverrideConflicts));

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

type Parsed = DeepReadonly<z.output<typeof configSchema>>;

/** The configuration as the program uses it: all keys filled in, durations in milliseconds. */
export type Config = Omit<Parsed, 'include'> & {
  /** From the environment alone, where it names a proxy that reaches Atlas. */
  readonly proxy?: ProxyConfig;
};

function findTwoPlaces(state: unknown): readonly CrossCheck[] {
  if (property(state, 'path') === undefined || property(state, 'urlFile') === undefined) return [];
  const clause =
    'names a database, and state.path a file; the state is kept in one of them, so remove the other.';
  return [{ path: ['urlFile'], clause }];
}

function findDelayConflict(retry: unknown): readonly CrossCheck[] {
  const min = property(retry, 'minDelay');
  const max = property(retry, 'maxDelay');
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return [];
  const clause =
    'is longer than retry.maxDelay; shorten it or lengthen the other (1s and 30s are the defaults).';
  return [{ path: ['minDelay'], clause }];
}
