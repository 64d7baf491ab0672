import { z } from 'zod';
import { define } from './event-definition.ts';
import {
  hosts,
  lagFields,
  lastReadSecondsAgo,
  migrationFields,
  remainingSeconds,
  seconds,
  status,
  windowFields,
} from './fields.ts';
import { formatMoment, formatSpan } from './format.ts';

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
      `${event.migration} has the status ${event.status}, which Atlas does not document; watching goes on.`,
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
      `${event.migration} is ready for cutover${event.readyAgain ? ' again' : ''}. Cut over before ${formatMoment(event.deadline)}: Atlas stops synchronising at about that time${
        event.readySinceKnown ? '' : ', or earlier, as it may have been ready for a while'
      }.${event.readyAgain ? " Atlas's own timer may still run from the first time." : ''}`,
  }),
  'migration.readiness_withdrawn': define({
    level: 'warn',
    when: '`readyForCutover` became false again while not settled',
    fields: z.object({ ...migrationFields, readyForSeconds: seconds }),
    sentence: (event) =>
      `${event.migration} is not ready for cutover any more, after ${formatSpan(event.readyForSeconds)}; do not cut over now.`,
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
          ? `was to be cut over: ${timeLeft(event)}, after which Atlas stops synchronising unless it was extended in the console.`
          : `must be cut over soon: ${timeLeft(event)}, and then Atlas stops synchronising and the migration must be started anew.`
      }${readBefore(event)}`,
  }),
  'migration.cutover_deadline_passed': define({
    level: 'error',
    when: 'the estimated deadline passed and Atlas has not said EXPIRED',
    fields: z.object({ ...migrationFields, ...windowFields, lastReadSecondsAgo }),
    sentence: (event) =>
      `${event.migration} has passed its estimated deadline of ${formatMoment(event.deadline)}${
        event.lastReadSecondsAgo === undefined
          ? ', but Atlas still calls it ready: it may have been extended in the console. Look there, and cut over.'
          : `.${readBefore(event)} Look in the Atlas console whether it has expired, been extended or been cut over.`
      }`,
  }),
  'migration.lag_stalled': define({
    level: 'warn',
    when: 'the lag has made no progress for `watch.stallAfter`',
    fields: z.object({ ...migrationFields, ...lagFields, stalledForSeconds: seconds }),
    sentence: (event) =>
      `${event.migration} is not catching up: its lag of ${formatSpan(event.lagTimeSeconds ?? 0)} has made no progress for ${formatSpan(event.stalledForSeconds)}.`,
  }),
  'migration.lag_recovered': define({
    level: 'info',
    when: 'a stalled lag makes progress again, or the migration becomes ready',
    fields: z.object({ ...migrationFields, ...lagFields }),
    sentence: (event) =>
      `${event.migration} ${event.readyForCutover === true ? 'has caught up' : 'is catching up again'}: ${formatSpan(event.lagTimeSeconds ?? 0)} behind${
        event.readyInSeconds === undefined
          ? ''
          : `, ready in about ${formatSpan(event.readyInSeconds)} at this pace`
      }.`,
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
      `${event.migration} is gone: Atlas answered 404 twice in a row. It may have been cancelled in the console. It is looked for again at the next start or reload.`,
  }),
} as const;

/** What is told while a migration cannot be read may not be so any more. */
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
