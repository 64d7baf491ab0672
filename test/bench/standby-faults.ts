import { setTimeout as delay } from 'node:timers/promises';
import { watcherUser } from '../postgres/server.ts';
import type { Random } from './random.ts';
import type { TrialDatabase } from './standby-database.ts';
import type { Cut, Line } from './standby-line.ts';
import type { TrialNetwork } from './standby-network.ts';
import type { TrialWatcher } from './standby-watchers.ts';

/** What a fault takes away from whom: the process, its way to the database or to Atlas, its clock; from both, the server. */
type Harm = 'process' | 'database' | 'atlas' | 'clock' | 'server';

/** A fault that was, in ms since 1970. */
export interface PastFault {
  readonly name: string;
  readonly harm: Harm;
  /** Undefined where it concerns both. */
  readonly asker: 'a' | 'b' | undefined;
  /** What the target was when it began. */
  readonly role: string | undefined;
  readonly from: number;
  to: number;
}

/** Everything that faults are done to. */
export interface Stage {
  readonly leaseMs: number;
  /** The longest that a fault lasts beyond what its kind asks for. */
  readonly longestMs: number;
  readonly watchers: readonly TrialWatcher[];
  readonly database: TrialDatabase;
  /** The ways of each watcher to the database and to Atlas. */
  readonly lines: Readonly<Record<'a' | 'b', { readonly database: Line; readonly atlas: Line }>>;
  /** The networks of watchers that have one of their own. */
  readonly networks?: Readonly<Record<'a' | 'b', TrialNetwork>> | undefined;
  readonly past: PastFault[];
}

/** A fault that is about to happen: what it is called, and what it needs for itself. */
export interface Fault {
  readonly name: string;
  readonly harm: Harm;
  /** Two faults of one resource do not overlap. */
  readonly resource: string;
  run(): Promise<void>;
}

type Maker = (stage: Stage, random: Random) => Fault;

/** How long an orderly stop may take, in ms, before it is taken for none. */
const longestStopMs = 15_000;

/** Every kind of fault, by its name. */
export const faultKinds: Readonly<Record<string, Maker>> = {
  kill: (stage, random) => {
    const watcher = pick(stage, random, 0.75);
    const restMs = random.between(0, stage.longestMs / 3);
    return ofWatcher(stage, 'SIGKILL', 'process', watcher, async () => {
      await watcher.end('SIGKILL');
      await delay(restMs);
      watcher.start();
    });
  },
  stop: (stage, random) => {
    const watcher = pick(stage, random, 0.75);
    const restMs = random.between(0, stage.longestMs / 3);
    return ofWatcher(stage, 'SIGTERM', 'process', watcher, async () => {
      const timer = setTimeout(() => watcher.signal('SIGKILL'), longestStopMs);
      await watcher.end('SIGTERM');
      clearTimeout(timer);
      await delay(restMs);
      watcher.start();
    });
  },
  'long pause': (stage, random) => {
    const ms = stage.leaseMs + random.between(200, stage.longestMs / 2);
    return pause(stage, random, 'SIGSTOP longer than the lease', ms);
  },
  'short pause': (stage, random) =>
    pause(stage, random, 'SIGSTOP shorter than the lease', random.between(300, stage.leaseMs - 1_500)),
  terminate: ({ past, database }) =>
    noted(
      past,
      { name: 'pg_terminate_backend', harm: 'server', asker: undefined, role: undefined },
      'server',
      async () => {
        await database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${watcherUser.name}'`,
        );
      },
    ),
  'server fast': (stage, random) => serverStop(stage, 'fast', random.between(300, stage.longestMs)),
  'server immediate': (stage, random) => serverStop(stage, 'immediate', random.between(300, stage.longestMs)),
  'server frozen': ({ past, database, longestMs }, random) => {
    const ms = random.between(500, longestMs);
    const about = { name: 'server suspended', harm: 'server', asker: undefined, role: undefined } as const;
    return noted(past, about, 'server', async () => {
      database.freeze(true);
      await delay(ms);
      database.freeze(false);
    });
  },
  'database silent': (stage, random) => cut(stage, random, 'database', 'silent'),
  'database mute': (stage, random) => cut(stage, random, 'database', 'mute'),
  'database reset': (stage, random) => cut(stage, random, 'database', 'reset'),
  network: (stage, random) => {
    const watcher = pick(stage, random, 0.75);
    const ms = random.between(500, stage.leaseMs + stage.longestMs / 2);
    const network = stage.networks?.[watcher.asker === 'b' ? 'b' : 'a'];
    return ofWatcher(stage, 'network down', 'database', watcher, async () => {
      network?.cut();
      await delay(ms);
      network?.restore();
    });
  },
  'atlas silent': (stage, random) => cut(stage, random, 'atlas', 'silent'),
  'atlas reset': (stage, random) => cut(stage, random, 'atlas', 'reset'),
  clock: (stage, random) => {
    const watcher = pick(stage, random, 0.6);
    const offset = random.chance(0.5) ? '+3600' : '-3600';
    const ms = random.between(stage.longestMs / 4, stage.longestMs);
    return ofWatcher(stage, `clock ${offset} s`, 'clock', watcher, async () => {
      watcher.setClock(offset);
      await delay(ms);
      watcher.setClock('+0');
    });
  },
};

/** Returns the kinds of faults that can be done here. */
export function kindsOf({ networks }: Stage): readonly string[] {
  return Object.keys(faultKinds).filter((kind) => kind !== 'network' || networks !== undefined);
}

/** Returns the one that polls, as far as the two have said. */
export function activeOf(watchers: readonly TrialWatcher[]): TrialWatcher | undefined {
  const active = watchers.filter(({ role }) => role === 'active');
  return active.toSorted((one, other) => other.epoch - one.epoch)[0];
}

function pick({ watchers }: Stage, random: Random, activeShare: number): TrialWatcher {
  const isForActive = random.chance(activeShare);
  const [first] = watchers;
  const active = activeOf(watchers) ?? first;
  const other = watchers.find((watcher) => watcher !== active);
  const picked = isForActive ? active : other;
  if (picked === undefined) throw new Error('There are not two watchers.');
  return picked;
}

function pause(stage: Stage, random: Random, name: string, ms: number): Fault {
  const watcher = pick(stage, random, 0.8);
  return ofWatcher(stage, name, 'process', watcher, async () => {
    watcher.signal('SIGSTOP');
    await delay(ms);
    watcher.signal('SIGCONT');
  });
}

function serverStop({ past, database }: Stage, how: 'fast' | 'immediate', ms: number): Fault {
  const about = {
    name: `server stopped (${how})`,
    harm: 'server',
    asker: undefined,
    role: undefined,
  } as const;
  return noted(past, about, 'server', async () => {
    await database.stop(how);
    await delay(ms);
    await database.start();
  });
}

function cut(stage: Stage, random: Random, what: 'database' | 'atlas', how: Cut): Fault {
  const { leaseMs, longestMs } = stage;
  const watcher = pick(stage, random, 0.75);
  const isLong = longestMs > leaseMs;
  const ms = random.between(500, what === 'database' && isLong ? leaseMs + longestMs / 2 : longestMs);
  const line = stage.lines[watcher.asker === 'b' ? 'b' : 'a'][what];
  return ofWatcher(stage, `${what} cut off (${how})`, what, watcher, async () => {
    line.cut(how);
    await delay(ms);
    line.restore();
  });
}

function ofWatcher(
  { past }: Stage,
  name: string,
  harm: Harm,
  watcher: TrialWatcher,
  work: () => Promise<void>,
): Fault {
  const asker = watcher.asker === 'b' ? 'b' : 'a';
  const { role } = watcher;
  const whom = role === 'active' ? 'active' : 'standby';
  return noted(past, { name: `${name}, ${whom}`, harm, asker, role }, `${harm}-${asker}`, work);
}

function noted(
  past: PastFault[],
  about: Omit<PastFault, 'from' | 'to'>,
  resource: string,
  work: () => Promise<void>,
): Fault {
  return {
    name: about.name,
    harm: about.harm,
    resource,
    async run() {
      const fault: PastFault = { ...about, from: Date.now(), to: Number.POSITIVE_INFINITY };
      past.push(fault);
      await work();
      fault.to = Date.now();
    },
  };
}
