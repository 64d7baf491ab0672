import { z } from 'zod';
import { define } from './event-definition.ts';
import { count, faultFields, isoTime, migrationFields, seconds } from './fields.ts';
import { formatMoment, formatSpan } from './format.ts';

const outageSize = count.optional().meta({
  description: 'How many migrations share the outage; this one speaks for all of them',
});

const droppedLines = count.optional().meta({
  description: 'Lines that are never stored and were not read in time, since the start',
});

const names = z.array(z.string());

/** The events about the watching itself. */
export const watcherEvents = {
  'watcher.started': define({
    level: 'info',
    when: 'the configuration is valid and the first polls are scheduled',
    fields: z.object({
      version: z.string(),
      eventSchema: z.int().meta({ description: 'Version of this catalogue' }),
      migrations: count,
      resumed: count.meta({ description: 'Migrations remembered from an earlier run' }),
      httpAddress: z.string().optional().meta({ description: 'Where the HTTP server is, if there is one' }),
    }),
    sentence: (event) =>
      `Watching ${event.migrations} ${event.migrations === 1 ? 'migration' : 'migrations'}, ${event.resumed} of them from an earlier run${event.httpAddress === undefined ? '' : `; look at ${event.httpAddress}`}.`,
  }),
  'watcher.unreachable': define({
    level: 'error',
    when: 'a migration could not be read `watch.unreachableAfter` times in a row',
    fields: z.object({
      ...migrationFields,
      ...faultFields,
      since: isoTime,
      failures: count,
      migrations: outageSize,
      reminder: z
        .literal(true)
        .optional()
        .meta({ description: 'The outage was told before and still lasts' }),
    }),
    sentence: (event) =>
      `${unreadable(event)} since ${formatMoment(event.since)}: ${event.detail} ${event.remedy}`,
  }),
  'watcher.recovered': define({
    level: 'info',
    when: 'an unreachable migration was read again, or is gone; one that was told for all: any of them was read again',
    fields: z.object({ ...migrationFields, downSeconds: seconds, migrations: outageSize }),
    sentence: (event) =>
      event.migrations === undefined || event.migrations === 1
        ? `${event.migration} gets answers from Atlas again, after ${formatSpan(event.downSeconds)}.`
        : `Atlas answers again, after ${formatSpan(event.downSeconds)} in which ${event.migrations} migrations, ${event.migration} among them, could not be read.`,
  }),
  'watcher.poll_failed': define({
    level: (event) => (event.errorType === 'internal' ? 'error' : event.duringOutage ? 'debug' : 'warn'),
    when: 'a poll failed after its retries; `debug` once the migration is unreachable',
    kept: false,
    fields: z.object({
      ...migrationFields,
      ...faultFields,
      attempts: count,
      failures: count,
      duringOutage: z.boolean().meta({ description: 'The migration is known to be unreachable' }),
    }),
    sentence: (event) =>
      `${event.migration} could not be read (${event.failures} in a row): ${event.detail} ${event.remedy}`,
  }),
  'watcher.rate_limited': define({
    level: 'warn',
    when: 'Atlas refused a request for its rate, once per episode and project, or service account',
    fields: z.object({
      groupId: z.string().optional().meta({
        description: 'Project (group) id; absent where the access tokens of the account are limited',
      }),
      retryAfterSeconds: seconds.optional(),
    }),
    sentence: (event) =>
      `Atlas limits ${
        event.groupId === undefined
          ? 'the access tokens of the service account'
          : `the request rate of project ${event.groupId}`
      }${
        event.retryAfterSeconds === undefined
          ? ''
          : ` and asks for a pause of ${formatSpan(event.retryAfterSeconds)}`
      }. ${
        event.groupId === undefined
          ? 'Give this watcher a service account of its own if this happens again.'
          : 'Lower atlas.requestsPerMinute if this happens again.'
      }`,
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
      droppedLines,
    }),
    sentence: (event) =>
      `Watching ${event.migrations - event.settled} of ${event.migrations}: ${event.ready} ready for cutover, ${event.unreachable} unreachable, ${event.settled} settled.`,
  }),
  'watcher.config_reloaded': define({
    level: 'info',
    when: 'another valid configuration, or other credentials, are in use, after SIGHUP, a changed file or a refusal',
    fields: z.object({
      added: names,
      removed: names,
      changed: names,
      credentialsChanged: z.literal(true).optional(),
      needsRestart: names
        .optional()
        .meta({ description: 'Changed keys that take effect with the next start' }),
      warnings: z
        .array(z.string())
        .optional()
        .meta({ description: 'What is valid but unwise, as standard error tells it at the start' }),
    }),
    sentence: (event) =>
      `Configuration reloaded; migrations: ${event.added.length} added, ${event.removed.length} removed, ${event.changed.length} changed${
        event.credentialsChanged ? ', other credentials' : ''
      }.${event.needsRestart === undefined ? '' : ` Restart for ${event.needsRestart.join(', ')} to take effect.`}${
        event.warnings === undefined ? '' : ` ${event.warnings.join(' ')}`
      }`,
  }),
  'watcher.config_rejected': define({
    level: 'error',
    when: 'the configuration or the credentials, read anew, are not valid; the former ones stay in use',
    fields: z.object({ problems: z.array(z.string()) }),
    sentence: (event) =>
      `What was read anew is not used, watching goes on as before: ${event.problems.join(' ')}`,
  }),
  'watcher.state_unavailable': define({
    level: 'error',
    when: 'the state file cannot be written, once per episode; watching and telling go on from memory',
    fields: z.object({
      reason: z.enum(['disk_full', 'read_only', 'locked', 'held', 'missing', 'damaged', 'io_error']),
      path: z.string(),
      remedy: z.string(),
    }),
    sentence: (event) =>
      `The state file ${event.path} cannot be written (${event.reason}). ${event.remedy} Watching goes on from memory.`,
  }),
  'watcher.state_recovered': define({
    level: 'info',
    when: 'everything has been written back to the state file',
    fields: z.object({
      downSeconds: seconds,
      droppedEvents: count
        .optional()
        .meta({ description: 'Oldest events that did not fit into memory and are missing from the history' }),
      droppedSamples: count
        .optional()
        .meta({ description: 'Oldest lag samples that did not fit into memory' }),
    }),
    sentence: (event) =>
      `The state file is written again, after ${formatSpan(event.downSeconds)}${
        event.droppedEvents === undefined && event.droppedSamples === undefined
          ? ''
          : `, without ${event.droppedEvents ?? 0} events and ${event.droppedSamples ?? 0} lag samples that memory had no room for`
      }.`,
  }),
  'watcher.settled': define({
    level: 'info',
    when: 'every migration is settled: complete, failed, expired or gone; told once by every run',
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
    fields: z.object({ reason: z.string(), droppedLines }),
    sentence: (event) => `Stopped: ${event.reason}.`,
  }),
} as const;

function unreadable({
  migration,
  migrations,
}: {
  migration: string;
  migrations?: number | undefined;
}): string {
  if (migrations === undefined || migrations === 1) return `${migration} cannot be read`;
  return `${migrations} migrations, ${migration} among them, cannot be read`;
}
