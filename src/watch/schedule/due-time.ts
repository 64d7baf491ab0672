import type { CronSchedule } from './cron.ts';

/** What decides whether a poll is behind. Moments of the monotonic clock, in ms. */
export interface PendingPoll {
  /** When the poll that waits or runs was due. */
  readonly dueAt: number;
  /** The end of the latest pause that Atlas asked for; any moment in the past when there was none. */
  readonly pausedUntil: number;
  /** The interval of the schedule. */
  readonly intervalMs: number;
}

/** Wall clock and monotonic clock may differ by this much before one of them has been set, in ms. */
export const clockToleranceMs = 1_000;

/** Polls start at multiples of this: to wake up takes about as much processor time as a poll. */
const slotMs = 100;
/** Part of the interval in which polls start; the rest is room for slow replies. */
const usedShare = 0.8;
/** However rare the ticks, polls start soon after them. */
const longestOffsetMs = 60_000;

/**
 * Returns how long after a tick the migration with this key ("groupId/liveMigrationId") is due, in ms. The offset
 * depends on nothing but key and interval, so a migration keeps its pace when others are added or removed.
 */
export function offsetMs(key: string, intervalMs: number): number {
  const slots = Math.ceil(Math.min(intervalMs * usedShare, longestOffsetMs) / slotMs);
  return (hashOf(key) % slots) * slotMs;
}

/** Returns the first tick plus offset strictly after a moment, in ms since 1970; Infinity when there is none. */
export function nextDueAt(schedule: CronSchedule, offset: number, after: number): number {
  return schedule.next(after - offset) + offset;
}

/** Returns whether a poll still waits or runs an interval after it was due, or after a pause that Atlas asked for. */
export function isBehind({ dueAt, pausedUntil, intervalMs }: PendingPoll, now: number): boolean {
  return Math.max(dueAt, pausedUntil) + intervalMs <= now;
}

/** The clocks drift apart: a poll may run this much before its slot, and is not repeated at the slot then. */
const earlyMs = 250;

/**
 * Returns when a migration is due after `now`: `retryMs` later where a failed poll wants a retry, else at its next slot;
 * in ms since 1970.
 */
export function nextPollAt(
  { key, schedule }: { readonly key: string; readonly schedule: CronSchedule },
  retryMs: number | undefined,
  now: number,
): number {
  if (retryMs !== undefined) return now + retryMs;
  return nextDueAt(schedule, offsetMs(key, schedule.intervalMs), now + earlyMs);
}

/**
 * Returns when a waiting poll is due after the wall clock has gone `stepMs` further than the monotonic clock; all in
 * ms, moments of the monotonic clock. After a step forward, or when the machine slept, it is due that much earlier,
 * but not before now: each migration is polled once and no missed tick is made up for. A clock set back changes
 * nothing, as it would silence the schedule until the same time comes again.
 */
export function afterClockStep(dueAt: number, stepMs: number, now: number): number {
  if (stepMs <= clockToleranceMs || dueAt <= now) return dueAt;
  return Math.max(now, dueAt - stepMs);
}

/** FNV-1a with the finalizer of MurmurHash3, as ids that differ in their last digits alone are common. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
