import { z } from 'zod';
import { count, define, migrationFields, seconds } from './event-definition.ts';
import { formatSpan } from './format.ts';

const { eventId } = migrationFields;
const epoch = count.meta({ description: 'Grows with each watcher that takes the lease of the shared store' });
const holder = z
  .string()
  .optional()
  .meta({ description: 'The watcher that holds the lease: its host and process id' });

/** The events about watchers that share a store. */
export const standbyEvents = {
  'watcher.standby': define({
    level: 'info',
    when: 'another watcher holds the shared store: this one stands by, and neither polls nor notifies',
    fields: z.object({ epoch, holder }),
    sentence: ({ holder: other }) =>
      `Standing by: ${other ?? 'another watcher'} polls and reports. This one takes over when that one ends or is not heard of.`,
  }),
  'watcher.active': define({
    level: ({ after }) => (after === 'expired' ? 'warn' : 'info'),
    when: 'this watcher has taken the lease of the shared store: from now on it polls and notifies; `warn` where the former holder was not heard of in time',
    fields: z.object({
      eventId,
      epoch,
      after: z.enum(['free', 'expired']).meta({
        description: 'Whether nobody held the lease, or the former holder had not renewed it in time',
      }),
      former: z
        .string()
        .optional()
        .meta({ description: 'The watcher that held the lease before: its host and process id' }),
      standbySeconds: seconds.optional().meta({ description: 'How long this watcher stood by before' }),
    }),
    sentence: ({ after, former, standbySeconds }) => {
      const stood = standbySeconds === undefined ? '' : ` It stood by for ${formatSpan(standbySeconds)}.`;
      return after === 'expired'
        ? `This watcher has taken over: ${former ?? 'the former one'} was not heard of in time.${stood}`
        : `This watcher is the active one now.${stood}`;
    },
  }),
  'watcher.fenced': define({
    level: 'error',
    when: 'another watcher has taken over while this one was suspended, cut off or slow; it stands by from now on. What it reported as `unfenced` is reported again by the other one',
    fields: z.object({ epoch, holder }),
    sentence: ({ holder: other }) =>
      `${other ?? 'Another watcher'} has taken over, as this one was suspended, slow or cut off from the database. This one stands by from now on.`,
  }),
} as const;
