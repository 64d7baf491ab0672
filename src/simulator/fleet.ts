import { type MigrationScript, playScript, type ScriptStep } from './scripts.ts';

/** One migration of the demo: its ids, its labels and its script. */
export type FleetMigration = {
  readonly name: string;
  readonly groupId: string;
  readonly liveMigrationId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly steps: readonly ScriptStep[];
};

export type DemoFleet = {
  readonly migrations: readonly FleetMigration[];
  /** Time until a poll every second has seen the last step, in ms. */
  readonly durationMs: number;
  /** The cutover window of the demo: how long the expiring migration is ready, in ms. */
  readonly readyToExpiredMs: number;
  /** Time without progress after which a lag counts as stalled, in ms. */
  readonly stallAfterMs: number;
};

/** One step: its start in seconds, its status, and anything else special about it. */
type Scene = readonly [
  second: number,
  status: string,
  extras?: {
    readonly lag?: readonly [fromSeconds: number, toSeconds: number];
    readonly ready?: boolean;
    readonly hosts?: readonly string[];
    readonly fails?: true;
  },
];

type Story = Omit<FleetMigration, 'steps'> & {
  readonly hosts: readonly string[];
  readonly scenes: readonly Scene[];
};

const SHOP_PROJECT = '64b0c1f2a9d3e85b7c4f1a01';
const PLATFORM_PROJECT = '64b0c1f2a9d3e85b7c4f1a02';
const EXPIRING = { readyAtSecond: 11, expiredAtSecond: 31 } as const;
const NEW_CUSTOMER_HOSTS = ['mig-customers-1.example.net', 'mig-customers-2.example.net'];
const DURATION_SECONDS = 37;
const STALL_SECONDS = 4;

/** Completes normally. */
const ORDERS: Story = {
  name: 'orders',
  groupId: SHOP_PROJECT,
  liveMigrationId: '66a1f0c27d5e4b3908c6d101',
  labels: { team: 'payments', tier: 'critical' },
  hosts: ['mig-orders-0.example.net'],
  scenes: [
    [0, 'NEW'],
    [2, 'WORKING', { lag: [1800, 22] }],
    [9, 'WORKING', { lag: [20, 3], ready: true }],
    [15, 'COMPLETE'],
  ],
};

/** Becomes ready and expires, because nobody cuts over. */
const SESSIONS: Story = {
  name: 'sessions',
  groupId: PLATFORM_PROJECT,
  liveMigrationId: '66a1f0c27d5e4b3908c6d102',
  labels: { team: 'identity', tier: 'standard' },
  hosts: ['mig-sessions-0.example.net'],
  scenes: [
    [0, 'NEW'],
    [3, 'WORKING', { lag: [900, 17] }],
    [EXPIRING.readyAtSecond, 'WORKING', { lag: [15, 6], ready: true }],
    [EXPIRING.expiredAtSecond, 'EXPIRED'],
  ],
};

/** Stalls until it moves to other migration hosts. */
const CUSTOMERS: Story = {
  name: 'customers',
  groupId: SHOP_PROJECT,
  liveMigrationId: '66a1f0c27d5e4b3908c6d103',
  labels: { team: 'crm', tier: 'critical' },
  hosts: ['mig-customers-0.example.net'],
  scenes: [
    [0, 'NEW'],
    [4, 'WORKING', { lag: [5400, 2600] }],
    [12, 'WORKING', { lag: [2600, 2640] }],
    [20, 'WORKING', { lag: [2600, 25], hosts: NEW_CUSTOMER_HOSTS }],
    [29, 'WORKING', { lag: [22, 4], ready: true, hosts: NEW_CUSTOMER_HOSTS }],
    [35, 'COMPLETE', { hosts: NEW_CUSTOMER_HOSTS }],
  ],
};

/** Fails halfway. */
const BILLING: Story = {
  name: 'billing',
  groupId: SHOP_PROJECT,
  liveMigrationId: '66a1f0c27d5e4b3908c6d104',
  labels: { team: 'payments', tier: 'critical' },
  hosts: ['mig-billing-0.example.net'],
  scenes: [
    [0, 'NEW'],
    [5, 'WORKING', { lag: [7200, 2600] }],
    [17, 'FAILED'],
  ],
};

/** Begins with an undocumented status, and can't be read for a while. */
const SEARCH_INDEX: Story = {
  name: 'search-index',
  groupId: PLATFORM_PROJECT,
  liveMigrationId: '66a1f0c27d5e4b3908c6d105',
  labels: { team: 'discovery', tier: 'standard' },
  hosts: ['mig-search-0.example.net'],
  scenes: [
    [0, 'PENDING'],
    [6, 'NEW'],
    [8, 'WORKING', { lag: [3600, 1200] }],
    [14, 'WORKING', { fails: true }],
    [18, 'WORKING', { lag: [700, 24] }],
    [21, 'WORKING', { lag: [20, 5], ready: true }],
    [25, 'COMPLETE'],
  ],
};

/** Loses its readiness when the lag grows, and regains it. */
const AUDIT_LOG: Story = {
  name: 'audit-log',
  groupId: PLATFORM_PROJECT,
  liveMigrationId: '66a1f0c27d5e4b3908c6d106',
  labels: { team: 'compliance', tier: 'archive' },
  hosts: ['mig-audit-0.example.net'],
  scenes: [
    [0, 'NEW'],
    [7, 'WORKING', { lag: [2400, 21] }],
    [19, 'WORKING', { lag: [18, 30], ready: true }],
    [23, 'WORKING', { lag: [48, 20] }],
    [27, 'WORKING', { lag: [14, 4], ready: true }],
    [33, 'COMPLETE'],
  ],
};

const STORIES = [ORDERS, CUSTOMERS, BILLING, SESSIONS, SEARCH_INDEX, AUDIT_LOG];

/**
 * Returns the scripted migrations of the demo. Together they show every documented status and an undocumented one, a
 * lost and regained readiness, a stall, a time in which a migration can't be read, and a change of hosts. `speed` is a
 * factor: 1 takes 37 s, and a poll every second sees every step. Throws a RangeError if it is not above 0.
 */
export function demoFleet(speed = 1): DemoFleet {
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new RangeError(`The speed must be a number above 0, not ${speed}.`);
  }
  // Rounded: a configuration accepts only whole milliseconds.
  const scaled = (seconds: number) => Math.round((seconds * 1000) / speed);
  return {
    migrations: STORIES.map((story) => castStory(story, scaled)),
    durationMs: scaled(DURATION_SECONDS),
    stallAfterMs: scaled(STALL_SECONDS),
    readyToExpiredMs: scaled(EXPIRING.expiredAtSecond) - scaled(EXPIRING.readyAtSecond),
  };
}

/** Returns the scripts of a fleet for {@link startSimulator}. They start at `startedAtMs`. */
export function fleetScripts(
  migrations: readonly FleetMigration[],
  startedAtMs: number,
): ReadonlyMap<string, MigrationScript> {
  return new Map(
    migrations.map(({ groupId, liveMigrationId, steps }) => [
      `${groupId}/${liveMigrationId}`,
      playScript(steps, startedAtMs),
    ]),
  );
}

function castStory(story: Story, scaled: (seconds: number) => number): FleetMigration {
  const { name, groupId, liveMigrationId, labels, hosts, scenes } = story;
  const steps = scenes.map(
    ([second, status, { lag, ready = false, hosts: newHosts = hosts, fails } = {}]) => {
      const step = {
        atMs: scaled(second),
        body: { _id: liveMigrationId, status, readyForCutover: ready, migrationHosts: newHosts },
        ...(fails && { fails }),
      };
      if (lag === undefined) return step;
      return { ...step, lag: { fromSeconds: lag[0], toSeconds: lag[1], wavering: true } as const };
    },
  );
  return { name, groupId, liveMigrationId, labels, steps };
}
