import { z } from 'zod';
import { estimateWords } from './estimate-words.ts';
import {
  define,
  hosts,
  lagChangeFields,
  lagFields,
  lastReadSecondsAgo,
  migrationFields,
  remainingSeconds,
  seconds,
  status,
  windowFields,
} from './event-definition.ts';
import { formatMoment, formatSpan } from './format.ts';

/** What a recovery says of the lag. */
interface LagChange {
  readonly lagThenSeconds?: number | undefined;
  readonly lagNowSeconds?: number | undefined;
  readonly readyInSeconds?: number | undefined;
  readonly readyInSecondsRange?: readonly number[] | undefined;
}

/** The events about a migration, in the order in which several about one observation are emitted. */
export const migrationEvents = {
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
      `${event.migration} has the status ${event.status}, which Atlas does not document; watching continues.`,
  }),
  'migration.ready_for_cutover': define({
    level: 'warn',
    when: '`readyForCutover` became true, or was true at first sight (`readySinceKnown` is false then)',
    fields: z.object({
      ...migrationFields,
      ...windowFields,
      readySinceKnown: z
        .boolean()
        .meta({ description: 'False when it may have begun long before it was seen' }),
      readyAgain: z
        .literal(true)
        .optional()
        .meta({ description: 'It was ready before and had been withdrawn' }),
    }),
    sentence: (event) =>
      `${event.migration} is ready for cutover${event.readyAgain ? ' again' : ''}. Cut over before ${formatMoment(event.deadline)}: Atlas stops synchronizing at about that time${
        event.readySinceKnown ? '' : ', or earlier if it was ready before it was first seen'
      }.${event.readyAgain ? ' Atlas may still count from the first time it was ready.' : ''}`,
  }),
  'migration.readiness_withdrawn': define({
    level: 'warn',
    when: '`readyForCutover` became false again while not settled',
    fields: z.object({ ...migrationFields, readyForSeconds: seconds }),
    sentence: (event) =>
      `${event.migration} is no longer ready for cutover, after ${formatSpan(event.readyForSeconds)}. Do not cut over now.`,
  }),
  'migration.cutover_reminder': define({
    level: 'warn',
    when: 'still ready, every `cutover.remindEvery`',
    fields: z.object({ ...migrationFields, ...windowFields, remainingSeconds, lastReadSecondsAgo }),
    sentence: (event) =>
      `${event.migration} ${
        event.lastReadSecondsAgo === undefined
          ? 'is still ready for cutover'
          : `was ready for cutover when it was last read, ${formatSpan(event.lastReadSecondsAgo)} ago`
      }; ${timeLeft(event)}.`,
  }),
  'migration.cutover_deadline_near': define({
    level: (event) => (event.lastWarning ? 'error' : 'warn'),
    when: 'one of `cutover.warnBefore` is left, each once per readiness; `error` for the last of them',
    fields: z.object({
      ...migrationFields,
      ...windowFields,
      remainingSeconds,
      lastReadSecondsAgo,
      threshold: z.string().meta({ description: 'As in cutover.warnBefore' }),
      lastWarning: z.boolean(),
    }),
    sentence: (event) =>
      `${event.migration} ${
        event.remainingSeconds < 0
          ? `is overdue for cutover: ${timeLeft(event)}. Atlas has stopped synchronizing unless the window was extended in the console.`
          : `must be cut over soon: ${timeLeft(event)}. Then Atlas stops synchronizing, and the migration must be started again.`
      }${readBefore(event)}`,
  }),
  'migration.cutover_deadline_passed': define({
    level: 'error',
    when: 'the estimated deadline passed and Atlas has not said EXPIRED',
    fields: z.object({ ...migrationFields, ...windowFields, lastReadSecondsAgo }),
    sentence: (event) =>
      `${event.migration} passed its estimated deadline of ${formatMoment(event.deadline)}${
        event.lastReadSecondsAgo === undefined
          ? ', but Atlas still reports it as ready. The window may have been extended in the console: check there, and cut over.'
          : `.${readBefore(event)} Check in the Atlas console whether it has expired, been extended, or been cut over.`
      }`,
  }),
  'migration.lag_stalled': define({
    level: 'warn',
    when: 'the lag has made no progress for `watch.stallAfter`',
    fields: z.object({ ...migrationFields, ...lagFields, ...lagChangeFields, stalledForSeconds: seconds }),
    sentence: (event) =>
      `${event.migration} is not catching up: its lag has not come down for ${formatSpan(event.stalledForSeconds)} (${formatSpan(event.lagThenSeconds)} then, ${formatSpan(event.lagNowSeconds)} now).`,
  }),
  'migration.lag_recovered': define({
    level: 'info',
    when: 'a stalled lag makes progress again, or the migration becomes ready',
    fields: z.object({ ...migrationFields, ...lagFields, ...z.object(lagChangeFields).partial().shape }),
    sentence: (event) =>
      `${event.migration} ${event.readyForCutover === true ? 'has caught up' : 'is catching up again'}: ${formatSpan(event.lagNowSeconds ?? event.lagTimeSeconds ?? 0)} behind${downFrom(event)}${readyIn(event)}.`,
  }),
  'migration.hosts_changed': define({
    level: 'info',
    when: 'the set of migration hosts differs from the one observed before',
    fields: z.object({ ...migrationFields, from: hosts, to: hosts }),
    sentence: (event) => `${event.migration} now runs on other hosts: ${event.to.join(', ')}.`,
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
      `${event.migration} expired: nobody cut over in time, and Atlas stopped synchronizing. The migration must be started again.`,
  }),
  'migration.disappeared': define({
    level: 'error',
    when: '404 on two polls in a row, of a migration that was seen before',
    fields: z.object(migrationFields),
    sentence: (event) =>
      `${event.migration} is gone: Atlas answered 404 twice in a row. It may have been canceled in the console. It is read again at the next start or reload.`,
  }),
} as const;

function downFrom({ lagThenSeconds: before, lagNowSeconds: now }: LagChange): string {
  return before === undefined || now === undefined || before <= now
    ? ''
    : `, down from ${formatSpan(before)}`;
}

function readyIn({
  readyInSeconds: middle,
  readyInSecondsRange: [earliest, latest] = [],
}: LagChange): string {
  if (middle === undefined || earliest === undefined || latest === undefined) return '';
  return `, ready in ${estimateWords({ seconds: middle, earliest, latest }, 0)} at this pace`;
}

/** What is reported while a migration cannot be read may no longer be true. */
function readBefore({ lastReadSecondsAgo: ago }: { lastReadSecondsAgo?: number | undefined }): string {
  return ago === undefined ? '' : ` It was last read ${formatSpan(ago)} ago, and was ready then.`;
}

/** The deadline is an estimate, and may lie in the past. */
function timeLeft({
  deadline,
  remainingSeconds: left,
}: {
  deadline: string;
  remainingSeconds: number;
}): string {
  const span = formatSpan(left);
  const moment = formatMoment(deadline);
  return left < 0
    ? `its estimated deadline passed ${span} ago (${moment})`
    : `about ${span} are left, until ${moment}`;
}
