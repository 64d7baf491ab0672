import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresServer } from '../postgres/server.ts';
import { startAtlasFor } from './standby-atlas.ts';
import type { Asker, Course } from './standby-course.ts';
import { startDatabase } from './standby-database.ts';
import type { Stage } from './standby-faults.ts';
import { openLine } from './standby-line.ts';
import { openNetwork, type TrialNetwork } from './standby-network.ts';
import { type Run, TrialWatcher, type WrittenLine } from './standby-watchers.ts';

export interface StageOptions {
  /** A folder of its own. */
  readonly folder: string;
  readonly course: Course;
  readonly leaseSeconds: number;
  readonly throughPgbouncer: boolean;
  /** The longest that a fault lasts beyond what its kind asks for, in ms. Default 8 s. */
  readonly longestMs?: number | undefined;
  /** Whether wall clocks can be moved. Default true. */
  readonly movableClocks?: boolean | undefined;
  /** Whether each of the two has a network of its own. The program must be apart then. */
  readonly ownNetworks?: boolean | undefined;
  /** A server that is there already; one of its own by default. */
  readonly server?: PostgresServer | undefined;
}

const longestMs = 8_000;

/** Two watchers with one database, a single one with a file, and the ways between all of them. None is started. */
export interface OpenStage extends Stage {
  readonly watchers: readonly [TrialWatcher, TrialWatcher];
  readonly single: TrialWatcher;
  close(): Promise<void>;
}

/** Opens everything that a trial needs. */
export async function openStage(options: StageOptions): Promise<OpenStage> {
  const { folder, course, leaseSeconds, throughPgbouncer, movableClocks: movableClock = true } = options;
  mkdirSync(folder, { recursive: true });
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).toReversed()) await each();
  };
  const openOwn = (name: string, number: number): TrialNetwork => {
    const network = openNetwork(name, number);
    closing.push(async () => network.close());
    return network;
  };
  const open = async (asker: Asker, state: (run: string) => object, network?: TrialNetwork) => {
    const simulator = await startAtlasFor(asker, course);
    closing.push(() => simulator.close());
    const atlas = await openLine(simulator.port, network?.address);
    closing.push(() => atlas.close());
    const watcher = new TrialWatcher({
      asker,
      folder,
      migrations: course.count,
      atlasUrl: `http://127.0.0.1:${network === undefined ? atlas.port : await network.forward(atlas.port)}`,
      within: network?.within,
      movableClock,
      state,
      onLine: (line, run) => noteStatus(course, line, run),
    });
    closing.push(() => watcher.end('SIGKILL'));
    return { watcher, atlas };
  };
  try {
    const database = await startDatabase(throughPgbouncer, options.server);
    closing.push(() => database.close());
    const openOfPair = async (asker: 'a' | 'b', network?: TrialNetwork) => {
      const line = await openLine(database.entrance, network?.address);
      closing.push(() => line.close());
      const urlFile = join(folder, `${asker}.url`);
      const { watcher, atlas } = await open(
        asker,
        (run) => {
          const url = database.urlOf(line.port, run, network?.address);
          writeFileSync(urlFile, `${url}\n`, { mode: 0o600 });
          return { urlFile, lease: `${leaseSeconds}s` };
        },
        network,
      );
      return { watcher, lines: { database: line, atlas } };
    };
    const networks = options.ownNetworks === true ? { a: openOwn('a', 1), b: openOwn('b', 2) } : undefined;
    const a = await openOfPair('a', networks?.a);
    const b = await openOfPair('b', networks?.b);
    const { watcher: single } = await open('single', () => ({ path: join(folder, 'single.db') }));
    return {
      leaseMs: leaseSeconds * 1_000,
      longestMs: options.longestMs ?? longestMs,
      watchers: [a.watcher, b.watcher],
      single,
      database,
      networks,
      lines: { a: a.lines, b: b.lines },
      past: [],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tells Atlas what was reported, so that it goes on. */
function noteStatus(course: Course, { event, record }: WrittenLine, { asker }: Run): void {
  const status = { 'migration.first_seen': record.status, 'migration.status_changed': record.to }[event];
  if (typeof status !== 'string' || typeof record.migration !== 'string') return;
  course.reported(asker, Number(record.migration.slice(1)), status);
}
