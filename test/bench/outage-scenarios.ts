/**
 * How many events outages of different extent are worth: each scenario is played by the real watcher, on a clock of its
 * own, over 200 migrations in 10 projects that are polled every 30 s, unless its name says otherwise.
 */
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { AtlasClient } from '../../src/atlas/client.ts';
import type { ErrorKind } from '../../src/atlas/error-kind.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { MigrationPlan, WatchPlan } from '../../src/watch/policy.ts';
import { benchPolicy, numberOf, targetsOf } from './bench-fleet.ts';
import { formatTable } from './report.ts';
import { VirtualTime } from './virtual-time.ts';
import { schedulesOf, startWatch } from './watch.ts';

interface Scenario {
  readonly name: string;
  readonly migrations?: number;
  readonly projects?: number;
  readonly schedules?: MigrationPlan['schedules'];
  /** Lags in seconds: a small one puts a migration on the faster schedule. */
  readonly lagOf?: (number: number) => number;
  /** Default 20 minutes. */
  readonly lastsMs?: number;
  /** How long the end of the outage is waited for. Default 5 minutes. */
  readonly recoversMs?: number;
  /** Returns how a poll ends, `elapsedMs` after the outage began. */
  readonly outcomeOf: (number: number, elapsedMs: number) => 'read' | ErrorKind;
}

/** What a reader of the log sees of a scenario. */
interface OutageCounts {
  readonly name: string;
  /** Polls that ended while the outage lasted. */
  readonly polls: number;
  /** Without reminders, such as `1 account (200)`: how many, of which scope, for how many migrations. */
  readonly unreachable: string;
  readonly recovered: string;
  readonly pollFailed: number;
}

const second = 1_000;
const minute = 60 * second;
const begin = Date.UTC(2026, 0, 1);
const before = 5 * minute;
const most = 200;
const halfMinutes = schedulesOf('*/30 * * * * *');
const all = (): ErrorKind => 'network';

const scenarios: readonly Scenario[] = [
  { name: 'all 200 fail, then recover', outcomeOf: all },
  { name: '199 of 200 fail', outcomeOf: (number) => (number === 0 ? 'read' : 'network') },
  {
    name: 'one project of 20 is forbidden',
    outcomeOf: (number) => (number % 10 === 3 ? 'forbidden' : 'read'),
  },
  {
    name: 'all fail; one lucky answer in the middle; all fail on',
    outcomeOf: onceLucky(10 * minute),
  },
  { name: 'all fail; one lucky answer in the second round', outcomeOf: onceLucky(minute / 2) },
  { name: 'all refused for an hour', lastsMs: 60 * minute, outcomeOf: () => 'unauthorized' },
  {
    name: '2 on a 5 s, 2 on a 20 min schedule, all fail',
    migrations: 4,
    projects: 1,
    schedules: schedulesOf('0 */20 * * * *', '*/5 * * * * *'),
    lagOf: (number) => (number < 2 ? 60 : 20_000),
    lastsMs: 60 * minute,
    recoversMs: 25 * minute,
    outcomeOf: all,
  },
  { name: 'one migration fails alone', outcomeOf: (number) => (number === 7 ? 'network' : 'read') },
  {
    name: '3 of 20 of a project fail',
    outcomeOf: (number) => (number % 10 === 3 && number < 30 ? 'network' : 'read'),
  },
  { name: 'two migrations, both fail', migrations: 2, projects: 1, outcomeOf: all },
  { name: 'a single migration fails', migrations: 1, projects: 1, outcomeOf: all },
];

/** Plays every scenario; this process must not need its timers for anything else meanwhile. */
export async function playOutages(): Promise<readonly OutageCounts[]> {
  const time = new VirtualTime(begin);
  const counts: OutageCounts[] = [];
  for (const scenario of scenarios) counts.push(await play(scenario, time));
  time.end();
  return counts;
}

/** Returns a table of what the scenarios are worth. */
export function outageTable(counts: readonly OutageCounts[]): string {
  return formatTable(
    ['outage', 'polls', 'poll_failed', 'unreachable', 'recovered'],
    counts.map(({ name, polls, pollFailed, unreachable, recovered }) => [
      name,
      String(polls),
      String(pollFailed),
      unreachable,
      recovered,
    ]),
  );
}

async function play(scenario: Scenario, time: VirtualTime): Promise<OutageCounts> {
  const { name, migrations = most, projects = 10 } = scenario;
  const { lastsMs = 20 * minute, recoversMs = 5 * minute } = scenario;
  const outageAt = time.now() + before;
  const outageEnd = outageAt + lastsMs;
  const records: EventRecord[] = [];
  let polls = 0;
  const client: AtlasClient = {
    async readMigration({ liveMigrationId }) {
      const elapsedMs = time.now() - outageAt;
      const isOutage = elapsedMs >= 0 && elapsedMs < lastsMs;
      if (isOutage) polls += 1;
      const number = numberOf(liveMigrationId);
      const outcome = isOutage ? scenario.outcomeOf(number, elapsedMs) : 'read';
      if (outcome !== 'read')
        return {
          ok: false,
          attempts: 1,
          requests: 1,
          error: new AtlasError({ kind: outcome, detail: outcome }),
        };
      const lagTimeSeconds = scenario.lagOf?.(number) ?? 20_000;
      const reading = { status: 'WORKING', readyForCutover: false, lagTimeSeconds };
      return { ok: true, attempts: 1, requests: 1, reading };
    },
  };
  const plan: WatchPlan = {
    planFor: () => ({
      policy: { ...benchPolicy, outageRemindEveryMs: 0 },
      schedules: scenario.schedules ?? halfMinutes,
    }),
    request: {
      apiVersion: 'v1.0',
      pollTimeoutMs: minute,
      retry: { attempts: 1, minDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0 },
    },
    concurrency: migrations,
    heartbeatMs: 60 * minute,
  };
  const watch = await startWatch(targetsOf({ id: 1, count: migrations, projects }), {
    client,
    clock: time,
    plan,
    store: openStore(':memory:'),
    write: (record) => records.push(record) > 0,
    onFault: (mistake) => {
      throw mistake;
    },
  });
  while (time.now() < outageEnd + recoversMs) await time.step(second);
  await watch.stop(0);
  await watch.recorder.close();
  const of = (event: EventRecord['event']) => records.filter((record) => record.event === event);
  return {
    name,
    polls,
    unreachable: byScope(of('watcher.unreachable')),
    recovered: byScope(of('watcher.recovered')),
    pollFailed: of('watcher.poll_failed').length,
  };
}

/** One migration of the last project is read once, at the first poll after this time. */
function onceLucky(afterMs: number): Scenario['outcomeOf'] {
  let wasLucky = false;
  return (number, elapsedMs) => {
    if (wasLucky || number !== most - 1 || elapsedMs < afterMs) return 'network';
    wasLucky = true;
    return 'read';
  };
}

function byScope(records: readonly EventRecord[]): string {
  const kinds = Map.groupBy(records, ({ scope, migrations }) =>
    typeof migrations === 'number' ? `${String(scope)} (${migrations})` : String(scope),
  );
  return [...kinds].map(([kind, { length }]) => `${length} ${kind}`).join(', ') || '0';
}
