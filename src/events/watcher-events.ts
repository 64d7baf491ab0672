import { z } from 'zod';
import { endWord } from './end-words.ts';
import { count, define, faultFields, isoTime, migrationFields, seconds } from './event-definition.ts';
import { formatDay, formatSpan } from './format.ts';
import { afterFailure, readAgain, unreadable } from './outage-sentences.ts';

/** A migration, all migrations of one project, or all of the account: those polled with one set of credentials. */
const scopeFields = {
  scope: z.enum(['migration', 'project', 'account']).meta({
    description:
      'What the outage concerns: one migration, most of a project, or most of the account. Only the first carries the fields of a migration',
  }),
  migrations: count.optional().meta({ description: 'How many migrations of the scope fail' }),
} as const;
const onStandby = z
  .literal(true)
  .optional()
  .meta({ description: 'Said by a watcher that stands by: it cannot read the database' });

/** Returns where the status page is, in words: an address that stands for all addresses of a machine cannot be visited. */
function pageAt(origin: string): string {
  const port = /^http:\/\/(?:0\.0\.0\.0|\[[0:]+\]):(\d+)$/.exec(origin)?.[1];
  return port === undefined ? origin : `port ${port} of every address of this machine`;
}

function resumedWords({
  migrations,
  resumed,
}: {
  readonly migrations: number;
  readonly resumed: number;
}): string {
  if (resumed === 0) return '';
  return resumed === migrations ? ' (all known from the last run)' : ` (${resumed} known from the last run)`;
}

/** The fields of a migration, where the scope is one. */
const { eventId, groupId, ...ofMigration } = migrationFields;
const eitherScope = {
  eventId,
  groupId: groupId.optional().meta({ description: 'Project (group) id; absent for the account' }),
  ...z.object(ofMigration).partial().shape,
  ...scopeFields,
};

const droppedLines = count.optional().meta({
  description: 'Lines, never stored, that standard output did not take in time, since the start',
});

const names = z.array(z.string());

const headline = z.string().meta({ description: 'How everything stands, in one line for people' });

/** The events about the watching itself. */
export const watcherEvents = {
  'watcher.started': define({
    level: 'info',
    when: 'the configuration is valid and the first polls are about to start',
    fields: z.object({
      headline,
      version: z.string(),
      eventSchema: z.int().meta({ description: 'Version of this catalogue' }),
      migrations: count,
      resumed: count.meta({ description: 'Migrations remembered from an earlier run' }),
      httpAddress: z.string().optional().meta({ description: 'Where the HTTP server is, if there is one' }),
    }),
    sentence: (event) =>
      `Watching ${event.migrations} ${event.migrations === 1 ? 'migration' : 'migrations'}${resumedWords(event)}. ${event.headline}${event.httpAddress === undefined ? '' : ` Status page: ${pageAt(event.httpAddress)}`}`,
  }),
  'watcher.unreachable': define({
    level: 'error',
    when: 'a migration, most of a project or most of the account could not be read for `watch.unreachableAfter`; for failures that waiting does not cure, twice in a row',
    fields: z.object({
      ...eitherScope,
      ...faultFields,
      since: isoTime,
      failures: count.optional().meta({ description: 'Failed polls in a row, of one migration' }),
      reminder: z
        .literal(true)
        .optional()
        .meta({ description: 'The outage was reported before and still lasts' }),
    }),
    sentence: (event) =>
      `${unreadable(event)} (since ${formatDay(event.since)}): ${event.detail} ${event.remedy}`,
  }),
  'watcher.recovered': define({
    level: 'info',
    when: 'what was reported as unreachable can be read again: a migration, or a scope where more known members answer than fail, or whose credentials are accepted; also when a migration is gone, or a scope has fewer than two left',
    fields: z.object({
      ...eitherScope,
      downSeconds: seconds,
      endedBy: z.enum(['disappeared', 'reload', 'settled']).optional().meta({
        description:
          'What ended the outage although nothing was read: the migration disappeared, or a reload or the end of a migration left fewer than two',
      }),
    }),
    sentence: (event) => readAgain(event, formatSpan(event.downSeconds), event.endedBy),
  }),
  'watcher.poll_failed': define({
    level: (event) => {
      if (event.errorType === 'internal') return 'error';
      return event.repeated === true ? 'debug' : 'warn';
    },
    when: 'a poll failed after its retries; one warning a minute for each `errorType`, the others `debug`',
    durable: false,
    fields: z.object({
      ...migrationFields,
      ...faultFields,
      attempts: count,
      failures: count.meta({ description: 'Failed polls in a row' }),
      reportedAfterSeconds: seconds.optional().meta({
        description: 'After this time of failing, `watcher.unreachable` reports it; absent once it has',
      }),
      repeated: z
        .literal(true)
        .optional()
        .meta({ description: 'A failure of this errorType was reported within the last minute' }),
    }),
    sentence: (event) =>
      `${event.migration} couldn't be read${event.failures === 1 ? '' : ` (${event.failures} failures in a row)`}: ${event.detail}${afterFailure(event)}`,
  }),
  'watcher.rate_limited': define({
    level: 'warn',
    when: 'Atlas refused a request because of a rate limit, once per episode and project, or service account',
    fields: z.object({
      groupId: z.string().optional().meta({
        description: 'Project (group) id; absent where the access tokens of a service account are limited',
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
    when: 'polls fall behind their schedule, once per episode',
    fields: z.object({ waiting: count.meta({ description: 'Polls due and not begun' }), underWay: count }),
    sentence: (event) =>
      `Polling is falling behind: ${event.underWay} ${event.underWay === 1 ? 'poll' : 'polls'} running, ${event.waiting} waiting. If polls wait, poll less often, or raise atlas.concurrency or atlas.requestsPerMinute.`,
  }),
  'watcher.api_deprecated': define({
    level: 'warn',
    when: 'a `Deprecation` or `Sunset` header, once',
    fields: z.object({ sunset: z.string().optional() }),
    sentence: (event) =>
      `Atlas reports that this version of its API is deprecated${
        event.sunset === undefined ? '' : ` and ends on ${event.sunset}`
      }. Set atlas.apiVersion to v1.0 or v2, whichever is not in use, or update cutover-watch.`,
  }),
  'watcher.heartbeat': define({
    level: 'info',
    when: 'every `watch.heartbeat`',
    fields: z.object({
      headline,
      migrations: count,
      statuses: z.record(z.string(), count).meta({ description: 'Migrations by status' }),
      ready: count,
      stalled: count,
      unreachable: count,
      settled: count,
      nextDeadline: isoTime.optional().meta({ description: 'The nearest estimated end of a window' }),
      polls: count.meta({ description: 'Polls since the start' }),
      pollFailures: count,
      oldestObservationSeconds: seconds
        .optional()
        .meta({ description: 'Age of the oldest observation not settled' }),
      droppedLines,
    }),
    sentence: (event) => event.headline,
  }),
  'watcher.config_reloaded': define({
    level: 'info',
    when: 'a different valid configuration or different credentials are in use, after SIGHUP, a changed file or refused credentials',
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
        .meta({ description: 'What is valid but unwise; at the start this goes to standard error' }),
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
    when: 'the changed configuration or credentials are not valid; the old ones stay in use',
    fields: z.object({ problems: z.array(z.string()) }),
    sentence: (event) =>
      `The new configuration was rejected; the old one stays in use: ${event.problems.join(' ')}`,
  }),
  'watcher.state_unavailable': define({
    level: 'error',
    when: 'the state cannot be stored in its file or its database, or a standby cannot read it, once per episode; the active watcher continues from memory',
    fields: z.object({
      reason: z.enum([
        'disk_full',
        'read_only',
        'locked',
        'held',
        'missing',
        'damaged',
        'io_error',
        'unreachable',
        'refused',
      ]),
      path: z.string().meta({
        description: 'The state file, or the address of the database without user and password',
      }),
      remedy: z.string(),
      standby: onStandby,
    }),
    sentence: (event) =>
      event.standby
        ? `The state in ${event.path} cannot be read (${event.reason}). ${event.remedy} Until then, this standby cannot take over.`
        : `The state in ${event.path} cannot be written (${event.reason}). ${event.remedy} Watching continues from memory.`,
  }),
  'watcher.state_recovered': define({
    level: 'info',
    when: 'everything has been written back to the state file or to the database; or a standby can read it again',
    fields: z.object({
      downSeconds: seconds,
      droppedEvents: count
        .optional()
        .meta({ description: 'Oldest events that did not fit into memory and are missing from the history' }),
      droppedSamples: count
        .optional()
        .meta({ description: 'Oldest lag samples that did not fit into memory' }),
      fileReplaced: z.literal(true).optional().meta({
        description: 'The file was deleted, moved or replaced: earlier events and lag samples are not in it',
      }),
      standby: onStandby,
    }),
    sentence: (event) =>
      `The state can be ${event.standby ? 'read' : 'written'} again after ${formatSpan(event.downSeconds)}${
        event.droppedEvents === undefined && event.droppedSamples === undefined
          ? ''
          : `; ${event.droppedEvents ?? 0} events and ${event.droppedSamples ?? 0} lag samples are missing, as memory had no room for them`
      }.${
        event.fileReplaced
          ? ' It was deleted, moved or replaced: it now holds what was in memory, without earlier events and lag samples.'
          : ''
      }`,
  }),
  'watcher.settled': define({
    level: 'info',
    when: 'every migration has ended: complete, failed, expired or no longer in Atlas; once until one is watched again',
    fields: z.object({ migrations: count, statuses: z.record(z.string(), count) }),
    sentence: (event) =>
      `${event.migrations === 1 ? 'The only migration has' : `All ${event.migrations} migrations have`} ended: ${Object.entries(
        event.statuses,
      )
        .map(([name, number]) => `${number} ${endWord(name) ?? name}`)
        .join(', ')}. Nothing is left to watch.`,
  }),
  'watcher.stopping': define({
    level: (event) => (event.errorType === undefined ? 'info' : 'error'),
    when: 'the watcher begins to stop',
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
    sentence: () => 'Stopped.',
  }),
} as const;
