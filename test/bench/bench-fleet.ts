import { join } from 'node:path';
import type { MigrationBody } from '../../src/simulator/scripts.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { Store } from '../../src/state/store.ts';
import { applyPoll } from '../../src/watch/migration/apply-poll.ts';
import { noSamples } from '../../src/watch/migration/lag-samples.ts';
import { trendWindowMs } from '../../src/watch/migration/lag-trend.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import type { WatchPolicy } from '../../src/watch/policy.ts';

/** Migrations that one watcher, or one of its peers, polls. Requests to the simulator differ by `id`. */
export interface Fleet {
  readonly id: number;
  readonly count: number;
  readonly projects: number;
}

export const benchKey = {
  publicKey: 'benchkey',
  privateKey: '0b1e2d3c-4a5f-4b6e-8c7d-9e0f1a2b3c4d',
} as const;

const fleetDigits = 4;
const batchSize = 500;
const hour = 3_600_000;
/** Far from readiness, as most migrations are most of the time: all stay on the usual schedule. */
const lag = { fromSeconds: 20_000, perMinute: -10, noiseSeconds: 40 };

/** With the times of the usual configuration. */
export const benchPolicy: WatchPolicy = {
  windowMs: 120 * hour,
  warnBeforeMs: [48, 24, 6, 1].map((hours) => hours * hour),
  remindEveryMs: 12 * hour,
  formatDuration: (ms) => `${ms / hour}h`,
  lagAtMostMs: 300_000,
  stallAfterMs: hour / 2,
  approachingLagMs: hour / 12,
  unreachableAfterMs: 90_000,
  outageRemindEveryMs: 12 * hour,
};

export function targetsOf(fleet: Fleet): Target[] {
  return Array.from({ length: fleet.count }, (_, number) => ({
    name: hex(number, 24),
    groupId: hex(fleet.id, fleetDigits) + hex(number % fleet.projects, 24 - fleetDigits),
    liveMigrationId: hex(number, 24),
    labels: {},
  }));
}

/** Returns the id of the fleet that a project belongs to. */
export function fleetIdOf(groupId: string): number {
  return Number.parseInt(groupId.slice(0, fleetDigits), 16);
}

/** Returns the number of a migration within its fleet. */
export function numberOf(liveMigrationId: string): number {
  return Number.parseInt(liveMigrationId, 16);
}

/** Returns what Atlas would say of a migration that is being copied. */
export function bodyOf(liveMigrationId: string, number: number, now: number, ready: boolean): MigrationBody {
  const noise = Math.sin(number + now / 7_919) * lag.noiseSeconds;
  const minutes = (now % (12 * hour)) / 60_000;
  return {
    _id: liveMigrationId,
    status: 'WORKING',
    readyForCutover: ready,
    lagTimeSeconds: Math.round(lag.fromSeconds + lag.perMinute * minutes + noise),
    migrationHosts: [`mig-${number}-0.example.net`],
  };
}

/** Writes the state file of a watcher that has polled the fleet at this interval before. Returns its path. */
export async function writeRemembered(
  folder: string,
  fleet: Fleet,
  intervalMs: number,
  now: number,
): Promise<string> {
  const path = join(folder, 'state.db');
  const store = openStore(path);
  await remember(store, fleet, intervalMs, now);
  await store.close();
  return path;
}

/**
 * Stores what a watcher knows that has polled the fleet at this interval for a quarter of an hour, which is as far as it
 * looks back: what a poll costs depends on it.
 */
export async function remember(store: Store, fleet: Fleet, intervalMs: number, now: number): Promise<void> {
  const targets = targetsOf(fleet);
  for (let first = 0; first < targets.length; first += batchSize) {
    const batch = targets.slice(first, first + batchSize).map((target, index) => {
      const number = first + index;
      const times = timesBefore(now, intervalMs).map((observedAt) => ({
        observedAt,
        lagTimeSeconds: bodyOf(target.liveMigrationId, number, observedAt, false).lagTimeSeconds ?? 0,
      }));
      return { target, number, samples: times };
    });
    await store.commit({
      states: batch.map(({ target, number }) => ({
        ...idsOf(target),
        state: rememberedOf(target, number, now),
      })),
      samples: batch.flatMap(({ target, samples }) =>
        samples.map((sample) => ({ ...idsOf(target), ...sample })),
      ),
      outages: [],
      events: [],
      cursors: [],
    });
  }
}

/** Returns the state that the watcher itself has after it read the migration. */
function rememberedOf(target: Target, number: number, now: number): MigrationState {
  const body = bodyOf(target.liveMigrationId, number, now, false);
  const reading = {
    status: 'WORKING',
    readyForCutover: false,
    lagTimeSeconds: body.lagTimeSeconds ?? 0,
    migrationHosts: [`mig-${number}-0.example.net`],
  };
  const unknown = {
    target,
    state: undefined,
    samples: noSamples,
    cadence: 'default',
    resumed: false,
  } as const;
  const before = { ...unknown, now, startedAt: now, intervalMs: 30_000, isNotFoundShared: false };
  return applyPoll(before, { ok: true, attempts: 1, requests: 1, reading }, benchPolicy).state;
}

function timesBefore(now: number, intervalMs: number): number[] {
  const count = Math.floor(trendWindowMs / intervalMs);
  return Array.from({ length: count }, (_, index) => now - (count - index) * intervalMs);
}

function idsOf({ groupId, liveMigrationId }: Target) {
  return { groupId, liveMigrationId };
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
