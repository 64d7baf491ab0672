import type { ErrorKind } from '../../src/atlas/error-kind.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import type { LagSample } from '../../src/state/store.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { collectSamples } from '../../src/watch/migration/lag-samples.ts';
import { errorOf, hour, minute } from '../watch/sample-migrations.ts';

/** Describes a migration of a test, as far as it differs from the default; lags in seconds. */
export interface SampleMigration {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly status?: string;
  readonly hosts?: readonly string[];
  readonly lag?: readonly [from: number, to: number];
  readonly ready?: { readonly ageMs: number; readonly sinceKnown?: boolean };
  readonly stalledMs?: number;
  readonly outage?: { readonly kind: ErrorKind; readonly ageMs: number; readonly failures: number };
  readonly settlement?: MigrationState['settlement'];
  readonly approaching?: boolean;
  readonly seenMs?: number;
  readonly neverRead?: boolean;
}

/** One of each kind, as on a busy weekend; not in the order of urgency. */
export const weekend: readonly SampleMigration[] = [
  {
    name: 'search-index',
    labels: { team: 'discovery', tier: 'standard' },
    status: 'WORKING',
    lag: [5400, 2900],
  },
  {
    name: 'orders',
    labels: { team: 'payments', tier: 'critical' },
    status: 'WORKING',
    lag: [9, 4],
    ready: { ageMs: hour },
  },
  {
    name: 'billing',
    labels: { team: 'payments', tier: 'critical' },
    status: 'FAILED',
    settlement: 'FAILED',
    seenMs: 47 * minute,
  },
  {
    name: 'sessions',
    labels: { team: 'identity' },
    status: 'WORKING',
    lag: [30, 7],
    ready: { ageMs: 115 * hour, sinceKnown: false },
  },
  {
    name: 'invoices',
    labels: { team: 'payments', tier: 'standard' },
    status: 'WORKING',
    lag: [900, 840],
    seenMs: 12 * minute,
    outage: { kind: 'forbidden', ageMs: 12 * minute, failures: 24 },
  },
  {
    name: 'customers',
    labels: { team: 'crm', tier: 'critical' },
    status: 'WORKING',
    lag: [1500, 210],
    approaching: true,
  },
  {
    name: 'audit-log',
    labels: { team: 'compliance', tier: 'archive' },
    status: 'WORKING',
    lag: [2380, 2410],
    stalledMs: 42 * minute,
  },
  { name: 'catalogue', labels: { team: 'discovery' }, status: 'NEW' },
  { name: 'loyalty', labels: { team: 'crm' }, neverRead: true },
  {
    name: 'inventory',
    labels: { team: 'logistics', tier: 'critical' },
    status: 'COMPLETE',
    settlement: 'COMPLETE',
    seenMs: 5 * hour,
  },
  {
    name: 'newsletter',
    labels: { team: 'crm', tier: 'archive' },
    status: 'EXPIRED',
    settlement: 'EXPIRED',
    seenMs: 9 * hour,
  },
];

/** Returns `count` migrations of all kinds. */
export function manyMigrations(count: number): SampleMigration[] {
  return Array.from({ length: count }, (_, n) => {
    const migration = weekend[n % weekend.length] ?? { name: '' };
    return { ...migration, name: `${migration.name}-${String(n).padStart(4, '0')}` };
  });
}

/** Returns snapshots of these migrations. `now` in ms since 1970. */
export function watchedOf(migrations: readonly SampleMigration[], now: number): MigrationSnapshot[] {
  return migrations.map((migration, number) => watchedOne(migration, number, now));
}

function watchedOne(migration: SampleMigration, number: number, now: number): MigrationSnapshot {
  const { name, labels = {}, outage, approaching, neverRead } = migration;
  const observedAt = now - (migration.seenMs ?? 3_000 + (number % 7) * 2_000);
  return {
    target: { name, labels, groupId: idOf(number % 3), liveMigrationId: idOf(1_000 + number) },
    cadence: approaching ? 'approaching' : 'default',
    samples: collectSamples(
      migration.lag === undefined ? [] : lagSamples(migration.lag, observedAt, 30, 30_000),
    ),
    latest: outage !== undefined ? errorOf(outage.kind) : neverRead ? undefined : 'read',
    state: neverRead ? neverReadState(migration, now) : stateOf(migration, now, observedAt),
  };
}

/** Returns the state where every poll so far has failed; undefined where there was none. */
function neverReadState({ outage }: SampleMigration, now: number): MigrationState | undefined {
  if (outage === undefined) return undefined;
  const { kind, ageMs, failures } = outage;
  return {
    rememberedSince: now - ageMs,
    known: {},
    outage: { failures, since: now - ageMs, errorType: kind },
    notFoundInARow: 0,
    reportedStatuses: [],
  };
}

function idOf(part: number): string {
  return (0x64b0c1f2a9d3 + part).toString(16).padStart(24, '5f');
}

function stateOf(migration: SampleMigration, now: number, observedAt: number): MigrationState {
  const { status, hosts = ['mig-0.example.net'], lag, ready, stalledMs, outage, settlement } = migration;
  const known = {
    ...(status !== undefined && { status }),
    readyForCutover: ready !== undefined,
    migrationHosts: hosts,
  };
  return {
    rememberedSince: now - 140 * hour,
    firstObservedAt: now - 140 * hour,
    observation: { ...known, ...(lag && { lagTimeSeconds: lag[1] }), observedAt },
    known,
    ...(ready && { readiness: { since: now - ready.ageMs, sinceKnown: ready.sinceKnown ?? true } }),
    ...(stalledMs &&
      lag && {
        lagProgress: { lowest: lag[0], highest: lag[1], observedAt, idleMs: stalledMs, stalled: true },
      }),
    ...(outage && {
      outage: {
        failures: outage.failures,
        since: now - outage.ageMs,
        errorType: outage.kind,
        reportedAt: now,
      },
    }),
    ...(settlement && { settlement }),
    notFoundInARow: 0,
    reportedStatuses: [],
  };
}

/** Returns samples of a lag that goes from one value to another in a slightly curved line, until a moment. */
export function lagSamples(
  [from, to]: readonly [number, number],
  until: number,
  count: number,
  everyMs: number,
): LagSample[] {
  return Array.from({ length: count }, (_, index) => {
    const progress = index / (count - 1);
    const wobble = Math.sin((index / count) * 29) * Math.abs(from - to) * 0.06 * (1 - progress);
    const lag = from + (to - from) * progress ** 0.8 + wobble;
    return {
      observedAt: until - (count - 1 - index) * everyMs,
      lagTimeSeconds: Math.max(0, Math.round(lag)),
    };
  });
}
