import { z } from 'zod';
import { estimateWords } from './estimate-words.ts';
import {
  cutoverMayHaveBegun,
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
import { formatDay, formatSpan } from './format.ts';

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
      `${event.migration} is watched: ${[
        event.status ?? 'no status yet',
        ...(event.lagTimeSeconds === undefined ? [] : [`${formatSpan(event.lagTimeSeconds)} behind`]),
        ...(event.readyForCutover === true ? ['ready for cutover'] : []),
      ].join(', ')}.`,
  }),
  'migration.status_changed': define({
    level: 'info',
    when: 'the status differs from the one observed before; also when a migration that had ended or disappeared is watched again',
    fields: z.object({ ...migrationFields, from: status, to: status }),
    sentence: (event) =>
      event.from === 'DISAPPEARED'
        ? `${event.migration} is in Atlas again; its status is ${event.to}.`
        : `${event.migration} went from ${event.from} to ${event.to}.`,
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
      remainingSeconds,
      readySinceKnown: z
        .boolean()
        .meta({ description: 'False when it was ready at first sight: it may have begun long before' }),
      readyAgain: z
        .literal(true)
        .optional()
        .meta({ description: 'It was ready before and had been withdrawn' }),
      windowContinued: z.literal(true).optional().meta({
        description:
          'It had been withdrawn for at most a tenth of `cutover.window`: readySince and deadline are those of before',
      }),
    }),
    sentence: (event) => {
      const again = event.readyAgain ? ' again' : '';
      if (event.remainingSeconds < 0)
        return `${event.migration} is ready for cutover${again}, but ${timeLeft(event)}. Check in the Atlas console how long the window is, and cut over.`;
      return `${event.migration} is ready for cutover${again}. Cut over within ${formatSpan(event.remainingSeconds)} (before ${deadlineText(event)}): Atlas stops synchronizing ${event.deadlineEstimated ? 'at about that time' : 'then'}${earlier(event)}.${
        event.windowContinued
          ? ' The window counts from the first time it was ready.'
          : event.readyAgain
            ? ' Atlas may still count from the first time it was ready.'
            : ''
      }`;
    },
  }),
  'migration.readiness_withdrawn': define({
    level: 'warn',
    when: '`readyForCutover` became false again while not settled',
    fields: z.object({ ...migrationFields, readyForSeconds: seconds, cutoverMayHaveBegun }),
    sentence: (event) =>
      `${event.migration} is no longer ready for cutover, after ${formatSpan(event.readyForSeconds)}. ${
        event.cutoverMayHaveBegun
          ? 'Atlas reports no lag either, as it does once the cutover has begun. If nobody has begun it, wait until it is ready again.'
          : 'Do not cut over now.'
      }`,
  }),
  'migration.cutover_reminder': define({
    level: 'warn',
    when: 'still ready, every `cutover.remindEvery`; none at the moment of a warning, nor once the cutover seems to have begun',
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
    when: 'one of `cutover.warnBefore` is left, each once per window; of several overdue ones only the most urgent; `error` for the last of them',
    fields: z.object({
      ...migrationFields,
      ...windowFields,
      remainingSeconds,
      lastReadSecondsAgo,
      cutoverMayHaveBegun,
      threshold: z.string().meta({ description: 'As in cutover.warnBefore' }),
      alsoDue: z
        .array(z.string())
        .optional()
        .meta({ description: 'Longer thresholds that were overdue, for which this warning stands' }),
      lastWarning: z.boolean(),
    }),
    sentence: (event) =>
      `${event.migration} must be cut over soon${unlessBegun(event)}: ${timeLeft(event)}. Then Atlas stops synchronizing, and it must be restarted from scratch.${readBefore(event)}`,
  }),
  'migration.cutover_deadline_passed': define({
    level: 'error',
    when: 'the deadline passed and Atlas has not said EXPIRED',
    fields: z.object({
      ...migrationFields,
      ...windowFields,
      remainingSeconds,
      lastReadSecondsAgo,
      cutoverMayHaveBegun,
    }),
    sentence: (event) =>
      `${event.migration} passed its ${event.deadlineEstimated ? 'estimated ' : ''}deadline of ${deadlineText(event)}${
        event.lastReadSecondsAgo === undefined
          ? `, but Atlas still reports it as ready. ${event.deadlineEstimated ? 'The window may have been extended in the console: check there, and cut over' : 'Check in the Atlas console, and cut over'}${unlessBegun(event)}.`
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
    sentence: (event) => `${event.migration} moved to other migration hosts: ${event.to.join(', ')}.`,
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
      `${event.migration} expired: nobody cut over in time, and Atlas stopped synchronizing. It must be restarted from scratch.`,
  }),
  'migration.disappeared': define({
    level: 'error',
    when: 'nothing but 404 for ten minutes and at least three polls, of a migration that was seen before; for a day where most of a project or of the account is answered so',
    fields: z.object({ ...migrationFields, notFoundForSeconds: seconds }),
    sentence: (event) =>
      `${event.migration} is no longer in Atlas, which has answered nothing but 404 for ${formatSpan(event.notFoundForSeconds)}. It may have been canceled in the console. It is still read every 10 min.`,
  }),
  'migration.cutover_started': define({
    level: 'info',
    when: 'ready, `WORKING`, and the lag that was there is gone on three polls in a row: Atlas reports none once the cutover has begun',
    fields: z.object({
      ...migrationFields,
      estimated: z.literal(true).meta({ description: 'Atlas does not report the cutover itself' }),
      readyForSeconds: seconds,
    }),
    sentence: (event) =>
      `${event.migration} seems to be cut over now: it is ready, and Atlas no longer reports its lag. Reminders rest.`,
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
  const words = estimateWords({ seconds: middle, earliest, latest }, 0);
  return words === undefined ? '' : `, ready in ${words} at this pace`;
}

function unlessBegun({ cutoverMayHaveBegun: begun }: { cutoverMayHaveBegun?: true | undefined }): string {
  return begun ? ' unless the cutover has begun, as it seems' : '';
}

/** A window may have begun before the first observation that shows it, which matters unless its end is stated. */
function earlier({
  deadlineEstimated,
  readySinceKnown,
  windowContinued,
  gapSeconds,
}: {
  deadlineEstimated: boolean;
  readySinceKnown: boolean;
  windowContinued?: true | undefined;
  gapSeconds?: number | undefined;
}): string {
  if (!deadlineEstimated) return '';
  if (!readySinceKnown) return ', or earlier if it was ready before it was first seen';
  if (windowContinued || gapSeconds === undefined) return '';
  return `, or up to ${formatSpan(gapSeconds)} earlier`;
}

/** What is reported while a migration cannot be read may no longer be true. */
function readBefore({ lastReadSecondsAgo: ago }: { lastReadSecondsAgo?: number | undefined }): string {
  return ago === undefined ? '' : ` It was last read ${formatSpan(ago)} ago, and was ready then.`;
}

interface Deadline {
  readonly deadline: string;
  readonly deadlineEstimated: boolean;
  readonly remainingSeconds: number;
}

function deadlineText({ deadline, remainingSeconds: left }: Deadline): string {
  return formatDay(deadline, left);
}

/** The deadline may be an estimate, and may lie in the past. */
function timeLeft({ deadline, deadlineEstimated, remainingSeconds: left }: Deadline): string {
  const span = formatSpan(Math.abs(left));
  const moment = deadlineText({ deadline, deadlineEstimated, remainingSeconds: left });
  return left < 0
    ? `its ${deadlineEstimated ? 'estimated ' : ''}deadline passed ${span} ago (${moment})`
    : `${deadlineEstimated ? 'about ' : ''}${span} are left, until ${moment}`;
}
