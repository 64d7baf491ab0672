import { z } from 'zod';
import { define, isoTime, migrationFields, remainingSeconds, seconds } from './event-definition.ts';
import { formatMoment, formatSpan } from './format.ts';
import { riskWords } from './plan-words.ts';

/** Who stated something, and why. */
const statementFields = {
  author: z.string().optional().meta({ description: 'User of the operating system who gave the command' }),
  comment: z.string().optional(),
  requestId: z.string().optional().meta({ description: 'Id of the command, which waits for its answer' }),
} as const;

const source = z.enum(['operator', 'configuration']).meta({ description: 'A command or the configuration' });

const endWords = {
  expired: 'its time is over',
  warning: 'something urgent has come up',
  readiness_ended: 'the migration is no longer ready for cutover',
  ready: 'the migration has become ready for cutover',
  recovered: 'the migration can be read again',
  settled: 'the migration has ended',
  unacknowledged: 'it was taken back',
} as const;

/** The events about what people state, in the order in which several at one moment are emitted. */
export const operatorEvents = {
  'migration.window_changed': define({
    level: 'info',
    when: 'another deadline was stated, by a command or by the configuration, or one of the configuration was taken out',
    fields: z.object({
      ...migrationFields,
      from: isoTime.meta({ description: 'The deadline before' }),
      to: isoTime.meta({ description: 'The deadline now' }),
      source: z
        .enum(['estimated', 'operator', 'configuration'])
        .meta({ description: 'Where the deadline comes from now' }),
      remainingSeconds,
      ...statementFields,
    }),
    sentence: (event) =>
      `${event.migration} must be cut over before ${formatMoment(event.to)}, ${sourceWords(event)}: ${
        event.remainingSeconds < 0
          ? `that was ${formatSpan(-event.remainingSeconds)} ago`
          : `${formatSpan(event.remainingSeconds)} are left`
      }. Before, it was ${formatMoment(event.from)}.${commentOf(event)}`,
  }),
  'migration.acknowledged': define({
    level: 'info',
    when: 'somebody knows how things stand: reminders rest',
    fields: z.object({
      ...migrationFields,
      until: isoTime.optional().meta({ description: 'Absent where no time was given' }),
      ...statementFields,
    }),
    sentence: (event) =>
      `${event.migration} is acknowledged${event.author === undefined ? '' : ` by ${event.author}`}: reminders rest${
        event.until === undefined ? '' : ` until ${formatMoment(event.until)}`
      }. The last warning, a passed deadline, a failure and a withdrawal are still reported.${commentOf(event)}`,
  }),
  'migration.acknowledgement_ended': define({
    level: 'info',
    when: 'reminders come again: the time is over, a warning of level error came, or the readiness or the outage ended',
    fields: z.object({
      ...migrationFields,
      reason: z.enum([
        'expired',
        'warning',
        'readiness_ended',
        'ready',
        'recovered',
        'settled',
        'unacknowledged',
      ]),
      ...statementFields,
    }),
    sentence: (event) =>
      `${event.migration} is no longer acknowledged: ${endWords[event.reason]}.${commentOf(event)}`,
  }),
  'migration.cutover_planned': define({
    level: 'info',
    when: 'a cutover was planned, or the plan was cleared (`plannedAt` is absent then)',
    fields: z.object({
      ...migrationFields,
      plannedAt: isoTime.optional(),
      planDurationSeconds: seconds.optional(),
      source,
      ...statementFields,
    }),
    sentence: (event) =>
      event.plannedAt === undefined
        ? `${event.migration} has no planned cutover any more.${commentOf(event)}`
        : `${event.migration} is to be cut over at ${formatMoment(event.plannedAt)}${
            event.planDurationSeconds === undefined ? '' : `, within ${formatSpan(event.planDurationSeconds)}`
          }. Reminders rest until then.${commentOf(event)}`,
  }),
  'migration.plan_at_risk': define({
    level: 'warn',
    when: 'a planned cutover may fail, once for each `cause` that comes up',
    fields: z.object({
      ...migrationFields,
      plannedAt: isoTime,
      cause: z.enum(['deadline', 'estimate', 'stalled', 'unreachable', 'withdrawn', 'lag_high']),
      deadline: isoTime.optional().meta({ description: 'End of the window, while one runs' }),
      readyInSeconds: z.number().optional().meta({ description: 'Estimated time to readiness' }),
    }),
    sentence: (event) =>
      `${event.migration} may miss its cutover planned for ${formatMoment(event.plannedAt)}: ${riskWords[event.cause]}${
        event.cause === 'deadline' && event.deadline !== undefined
          ? ` (${formatMoment(event.deadline)})`
          : event.cause === 'estimate' && event.readyInSeconds !== undefined
            ? `, in about ${formatSpan(event.readyInSeconds)}`
            : ''
      }. Solve it, or plan another time.`,
  }),
  'migration.plan_on_course': define({
    level: 'info',
    when: 'no cause is left that puts a planned cutover at risk',
    fields: z.object({ ...migrationFields, plannedAt: isoTime }),
    sentence: (event) =>
      `${event.migration} is on course again for its cutover planned for ${formatMoment(event.plannedAt)}.`,
  }),
  'migration.plan_missed': define({
    level: 'warn',
    when: 'planned time and duration are over, and the migration has not ended',
    fields: z.object({ ...migrationFields, plannedAt: isoTime, planDurationSeconds: seconds }),
    sentence: (event) =>
      `${event.migration} was to be cut over at ${formatMoment(event.plannedAt)}, within ${formatSpan(event.planDurationSeconds)}, and has not ended. Cut over now, or plan another time.`,
  }),
  'migration.cutover_lag_high': define({
    level: 'warn',
    when: 'ready, and the lag above `cutover.lagAtMost` for 10 minutes: a cutover now would take long',
    fields: z.object({
      ...migrationFields,
      lagNowSeconds: z.number().meta({ description: 'The lag now, without the noise of a single reading' }),
      lagAtMostSeconds: seconds.meta({ description: 'cutover.lagAtMost' }),
    }),
    sentence: (event) =>
      `${event.migration} is ready for cutover, but ${formatSpan(event.lagNowSeconds)} behind, more than ${formatSpan(event.lagAtMostSeconds)} for ten minutes: a cutover now would take that long. Lower the write load of the source, or wait.`,
  }),
  'migration.cutover_lag_normal': define({
    level: 'info',
    when: 'the lag is at or under `cutover.lagAtMost` again',
    fields: z.object({
      ...migrationFields,
      lagNowSeconds: z.number().meta({ description: 'The lag now, without the noise of a single reading' }),
      lagAtMostSeconds: seconds.meta({ description: 'cutover.lagAtMost' }),
    }),
    sentence: (event) =>
      `${event.migration} is ready for cutover and only ${formatSpan(event.lagNowSeconds)} behind again: a cutover now would be short.`,
  }),
  'watcher.request_refused': define({
    level: 'warn',
    when: 'a command (`extend`, `ack`, `unack`, `plan`) or a value of the configuration was not taken',
    fields: z.object({
      ...z.object(migrationFields).partial().shape,
      eventId: migrationFields.eventId,
      command: z
        .enum(['extend', 'ack', 'unack', 'plan', 'configuration'])
        .optional()
        .meta({ description: 'Absent where the request could not be read' }),
      reason: z.enum([
        'unreadable',
        'unknown_migration',
        'outdated',
        'not_ready',
        'in_the_past',
        'too_far',
        'nothing_to_end',
        'settled',
      ]),
      detail: z.string(),
      ...statementFields,
    }),
    sentence: (event) =>
      event.command === undefined
        ? `A stored request was refused. ${event.detail}`
        : `${event.migration ?? 'Some migration'} is as before: ${
            event.command === 'configuration' ? 'its configuration' : event.command
          } was refused. ${event.detail}`,
  }),
} as const;

function sourceWords({
  source: from,
  author,
}: {
  source: 'estimated' | 'operator' | 'configuration';
  author?: string | undefined;
}): string {
  if (from === 'estimated') return 'by estimate, as nobody states it any more';
  if (from === 'configuration') return 'as the configuration states';
  return author === undefined ? 'as stated by a command' : `as ${author} states`;
}

/** What the author added, as a sentence. */
function commentOf({ comment }: { comment?: string | undefined }): string {
  if (comment === undefined) return '';
  return ` Comment: ${comment}${/[.!?]$/.test(comment) ? '' : '.'}`;
}
