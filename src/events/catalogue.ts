import { z } from 'zod';
import {
  count,
  faultFields,
  hosts,
  isoTime,
  migrationFields,
  seconds,
  status,
  windowFields,
} from './fields.ts';
import { formatMoment, formatSpan } from './span.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** One kind of event: what people are told, how loudly, and which fields programs find. */
interface Definition<Fields> {
  readonly level: Level | ((fields: Fields) => Level);
  /** When it is emitted, for the documentation. */
  readonly when: string;
  /** False for what is written to the log but not kept for the history. */
  readonly kept?: false;
  readonly fields: z.ZodType<Fields> & z.ZodObject;
  readonly sentence: (fields: Fields) => string;
}

/** Written down one by one, so that each sentence knows its own fields. */
const entries = {
  'migration.first_seen': define({
    level: 'info',
    when: 'first observation ever',
    fields: z.object(migrationFields),
    sentence: (event) =>
      `${event.migration} is now watched: ${event.status ?? 'no status yet'}, ${
        event.lagTimeSeconds === undefined ? '' : `${formatSpan(event.lagTimeSeconds)} behind, `
      }${event.readyForCutover === true ? 'ready' : 'not ready'} for cutover.`,
  }),
  'migration.status_changed': define({
    level: 'info',
    when: 'the status differs from the one observed before',
    fields: z.object({ ...migrationFields, from: status, to: status }),
    sentence: (event) => `${event.migration} went from ${event.from} to ${event.to}.`,
  }),
  'migration.unknown_status': define({
    level: 'warn',
    when: 'a status outside the documented five, once per value',
    fields: z.object(migrationFields),
    sentence: (event) =>
      `${event.migration} has the status ${event.status}, which Atlas does not document; watching goes on.`,
  }),
  'migration.ready_for_cutover': define({
    level: 'warn',
    when: '`readyForCutover` became true, or was true at first sight (`readySinceKnown` is false then)',
    fields: z.object({ ...migrationFields, ...windowFields, readySinceKnown: z.boolean() }),
    sentence: (event) =>
      `${event.migration} is ready for cutover. Cut over before ${formatMoment(event.deadline)}: Atlas stops synchronising at about that time${
        event.readySinceKnown ? '.' : ', or earlier, as it was ready before it was first seen.'
      }`,
  }),
  'migration.readiness_withdrawn': define({
    level: 'warn',
    when: '`readyForCutover` became false again while not settled',
    fields: z.object({ ...migrationFields, readyForSeconds: seconds }),
    sentence: (event) =>
      `${event.migration} is not ready for cutover any more, after ${formatSpan(event.readyForSeconds)}; do not cut over now.`,
  }),
  'migration.hosts_changed': define({
    level: 'info',
    when: 'the migration hosts differ, whatever their order',
    fields: z.object({ ...migrationFields, from: hosts, to: hosts }),
    sentence: (event) => `${event.migration} is run by other hosts now: ${event.to.join(', ')}.`,
  }),
  'migration.completed': define({
    level: 'info',
    when: 'the status is COMPLETE',
    fields: z.object({
      ...migrationFields,
      observedForSeconds: seconds,
      readyForSeconds: seconds.optional(),
    }),
    sentence: (event) =>
      `${event.migration} is complete, after ${formatSpan(event.observedForSeconds)} of watching${
        event.readyForSeconds === undefined
          ? ''
          : `, ${formatSpan(event.readyForSeconds)} after it became ready`
      }.`,
  }),
  'migration.failed': define({
    level: 'error',
    when: 'the status is FAILED',
    fields: z.object(migrationFields),
    sentence: (event) =>
      `${event.migration} failed. Atlas gives no reason here: look at the migration in the Atlas console.`,
  }),
  'migration.expired': define({
    level: 'error',
    when: 'the status is EXPIRED',
    fields: z.object(migrationFields),
    sentence: (event) =>
      `${event.migration} expired: nobody cut over in time, and Atlas stopped synchronising. The migration must be started anew.`,
  }),
  'migration.disappeared': define({
    level: 'error',
    when: 'a 404 on two polls in a row after having been seen',
    fields: z.object(migrationFields),
    sentence: (event) =>
      `${event.migration} is gone: Atlas answered 404 twice in a row. It may have been cancelled in the console; it is not watched any more.`,
  }),
  'watcher.started': define({
    level: 'info',
    when: 'the configuration is valid and the first polls are scheduled',
    fields: z.object({
      version: z.string(),
      eventSchema: z.int().meta({ description: 'Version of this catalogue' }),
      migrations: count,
      resumed: count.meta({ description: 'Migrations remembered from an earlier run' }),
    }),
    sentence: (event) =>
      `Watching ${event.migrations} ${event.migrations === 1 ? 'migration' : 'migrations'}, ${event.resumed} of them from an earlier run.`,
  }),
  'watcher.unreachable': define({
    level: 'error',
    when: 'a migration could not be read `watch.unreachableAfter` times in a row',
    fields: z.object({ ...migrationFields, ...faultFields, since: isoTime, failures: count }),
    sentence: (event) =>
      `${event.migration} cannot be read since ${formatMoment(event.since)}: ${event.detail} ${event.remedy}`,
  }),
  'watcher.recovered': define({
    level: 'info',
    when: 'an unreachable migration was read again',
    fields: z.object({ ...migrationFields, downSeconds: seconds }),
    sentence: (event) => `${event.migration} can be read again, after ${formatSpan(event.downSeconds)}.`,
  }),
  'watcher.poll_failed': define({
    level: (event) => (event.errorType === 'internal' ? 'error' : event.unreachable ? 'debug' : 'warn'),
    when: 'a poll failed after its retries; `debug` once the migration is unreachable',
    kept: false,
    fields: z.object({
      ...migrationFields,
      ...faultFields,
      attempts: count,
      failures: count,
      unreachable: z.boolean(),
    }),
    sentence: (event) =>
      `${event.migration} could not be read (${event.failures} in a row): ${event.detail} ${event.remedy}`,
  }),
  'watcher.rate_limited': define({
    level: 'warn',
    when: 'Atlas refused a request for its rate, once per episode',
    fields: z.object({ groupId: z.string(), retryAfterSeconds: seconds.optional() }),
    sentence: (event) =>
      `Atlas limits the request rate of project ${event.groupId}${
        event.retryAfterSeconds === undefined
          ? ''
          : ` and asks for a pause of ${formatSpan(event.retryAfterSeconds)}`
      }. Lower atlas.requestsPerMinute if this happens again.`,
  }),
  'watcher.overrun': define({
    level: 'warn',
    when: 'a tick found the round before still running, once per episode',
    fields: z.object({ waiting: count.meta({ description: 'Polls not yet begun' }), underWay: count }),
    sentence: (event) =>
      `The round of polls before this one is not done: ${event.underWay} under way, ${event.waiting} waiting. Poll less often, or raise atlas.concurrency or atlas.requestsPerMinute.`,
  }),
  'watcher.api_deprecated': define({
    level: 'warn',
    when: 'a `Deprecation` or `Sunset` header, once',
    fields: z.object({ sunset: z.string().optional() }),
    sentence: (event) =>
      `Atlas says that this version of its API is deprecated${
        event.sunset === undefined ? '' : ` and ends on ${event.sunset}`
      }. Set atlas.apiVersion to the other one, or update cutover-watch.`,
  }),
  'watcher.heartbeat': define({
    level: 'info',
    when: 'every `watch.heartbeat`',
    fields: z.object({
      migrations: count,
      statuses: z.record(z.string(), count).meta({ description: 'Migrations by status' }),
      ready: count,
      unreachable: count,
      settled: count,
      polls: count.meta({ description: 'Polls since the start' }),
      pollFailures: count,
      oldestObservationSeconds: seconds
        .optional()
        .meta({ description: 'Age of the oldest observation not settled' }),
    }),
    sentence: (event) =>
      `Watching ${event.migrations - event.settled} of ${event.migrations}: ${event.ready} ready for cutover, ${event.unreachable} unreachable, ${event.settled} settled.`,
  }),
  'watcher.settled': define({
    level: 'info',
    when: 'every migration is settled: complete, failed, expired or gone',
    fields: z.object({ migrations: count, statuses: z.record(z.string(), count) }),
    sentence: (event) =>
      `${event.migrations === 1 ? 'The one migration is' : `All ${event.migrations} migrations are`} settled: ${Object.entries(
        event.statuses,
      )
        .map(([name, number]) => `${number} ${name}`)
        .join(', ')}. Nothing is left to watch.`,
  }),
  'watcher.stopping': define({
    level: (event) => (event.errorType === undefined ? 'info' : 'error'),
    when: 'the way out begins',
    fields: z.object({
      reason: z.string(),
      errorType: z.literal('internal').optional(),
      detail: z.string().optional(),
    }),
    sentence: (event) => `Stopping: ${event.reason}.${event.detail === undefined ? '' : ` ${event.detail}`}`,
  }),
  'watcher.stopped': define({
    level: 'info',
    when: 'the last line',
    fields: z.object({ reason: z.string() }),
    sentence: (event) => `Stopped: ${event.reason}.`,
  }),
} as const;

export type EventName = keyof typeof entries;
export type EventFields = { [Name in EventName]: z.output<(typeof entries)[Name]['fields']> };

/**
 * Every event there is. The order of this table is the order in which several events about one observation are
 * emitted. Names, fields and levels are a contract with whoever reads the log: changing one is a breaking change.
 */
export const catalogue: { readonly [Name in EventName]: Definition<EventFields[Name]> } = entries;

/** Version of the catalogue: raised with every breaking change of a name, field or level. */
export const eventSchemaVersion = 1;

function define<Fields>(definition: Definition<Fields>): Definition<Fields> {
  return definition;
}
