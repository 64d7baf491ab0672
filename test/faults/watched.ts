import { expect } from 'vitest';
import type { EventName } from '../../src/events/catalogue.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { type AtlasByHand, configFor, startAtlas } from '../e2e/atlas-by-hand.ts';
import {
  keyInEnvironment,
  migrationEvents,
  type Program,
  runToEnd,
  start,
  temporaryFolder,
  writeConfig,
} from '../e2e/program.ts';
import type { Row, Sees } from './row.ts';

/** Longer than anything takes here, and short enough to name the row before the whole test runs out of time. */
const patienceMs = 60_000;

export const before = { status: 'NEW', readyForCutover: false } as const;
export const ready = { status: 'WORKING', readyForCutover: true } as const;

/** One migration, in an Atlas where it can be moved by hand, and the program that watches it. */
export interface WatchedFault {
  readonly row: Row;
  readonly atlas: AtlasByHand;
  /** The configuration, by path, and its folder. */
  readonly file: string;
  readonly folder: string;
  readonly config: Readonly<Record<string, object>>;
  readonly program: Program;
  /** Resolves with the first event of this name that fits; names the row when it does not come. */
  readonly emits: (name: EventName, fits?: (event: EventRecord) => boolean) => Promise<EventRecord>;
}

export interface WatchedOptions {
  readonly atlas?: AtlasByHand;
  /** What the program takes for Atlas, when there is something between. */
  readonly baseUrl?: string;
  readonly config?: Readonly<Record<string, object>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The configuration of every row: two failed polls in a row are an outage, and every poll tries twice. */
export function faultConfig(baseUrl: string, count = 1): Record<string, object> {
  const config = configFor(baseUrl, count);
  return { ...config, watch: { unreachableAfter: '0s' }, log: { level: 'debug', format: 'json' } };
}

/** Starts the program, and waits until it has seen its migration. */
export async function startWatched(row: Row, options: WatchedOptions = {}): Promise<WatchedFault> {
  const atlas = options.atlas ?? (await startAtlas());
  atlas.say(0, before);
  const folder = temporaryFolder();
  const config = { ...faultConfig(options.baseUrl ?? atlas.simulator.baseUrl), ...options.config };
  const file = writeConfig(folder, config);
  const program = start(['run', '-c', file], { ...keyInEnvironment(), ...options.env });
  const watched = { row, atlas, file, folder, config, program, emits: emitterOf(row, program) };
  await watched.emits('migration.first_seen');
  return watched;
}

/** Returns what waits for an event of a program. */
export function emitterOf({ fault }: Row, program: Program): WatchedFault['emits'] {
  return async (name, fits = () => true) => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const reported = program.events
        .slice(-30)
        .map(({ event }) => event)
        .join(', ');
      reject(new Error(`${fault}: no ${name}; the latest are ${reported}\n${program.stderr}`));
    }, patienceMs);
    try {
      return await Promise.race([program.until((event) => event.event === name && fits(event)), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Makes sure that an event says what the row promises. */
export function expectSeen(row: Row, event: EventRecord | undefined): void {
  if (row.sees.event === undefined && event === undefined) return;
  const { detail, remedy, exit: _exit, stderr: _stderr, ...fields } = row.sees;
  expect.soft({ fault: row.fault, ...event }).toMatchObject({
    fault: row.fault,
    ...fields,
    ...(detail !== undefined && { detail: expect.stringMatching(detail) }),
    ...(remedy !== undefined && { remedy: expect.stringMatching(remedy) }),
  });
}

/** Makes sure that every failed poll has a line: a warning once a minute for each errorType, debug otherwise. */
export function expectPollsReported({ fault, sees }: Row, events: readonly EventRecord[]): void {
  const failed = events.filter(({ event }) => event === 'watcher.poll_failed');
  expect.soft({ fault, ...failed.at(-1) }).toMatchObject({ fault, errorType: sees.errorType });
  const levels = failed.map(({ repeated }) => (repeated === true ? 'debug' : 'warn'));
  expect.soft({ fault, levels: failed.map(({ level }) => level) }).toEqual({ fault, levels });
  expect.soft(levels.length, fault).toBeGreaterThan(1);
}

/** Makes sure that these lines report everything the row keeps after first sight, once and in order. */
export function expectKept({ fault, keeps }: Row, events: readonly EventRecord[]): void {
  const reported = ['migration.first_seen', ...keeps];
  expect.soft({ fault, reported: migrationEvents(events) }).toEqual({ fault, reported });
}

/** Ends the program with SIGTERM, and makes sure of how it ends. */
export async function expectExit({ fault, sees }: Row, program: Program): Promise<void> {
  const { code } = await program.end();
  expect.soft({ fault, code, stderr: program.stderr }).toEqual({ fault, code: sees.exit, stderr: '' });
  expect.soft(program.events.at(-1)?.event, fault).toBe('watcher.stopped');
}

/** Makes sure that the next run takes up where the last one ended, and repeats nothing. */
export async function expectResumed({ fault }: Row, file: string, resumed = 1): Promise<void> {
  const { code, events, stderr } = await runToEnd(['run', '-c', file, '--once']);
  const next = { fault, code, stderr, resumed: events[0]?.resumed, repeated: migrationEvents(events) };
  expect.soft(next).toEqual({ fault, code: 0, stderr: '', resumed, repeated: [] });
}

/** Watches, lets a fault begin and last until it is reported, and makes sure of all that the row says. */
export async function playOutage(
  row: Row,
  options: WatchedOptions,
  { begin, end }: { readonly begin: () => void; readonly end: () => void | Promise<void> },
): Promise<void> {
  const { atlas, program, emits } = await startWatched(row, options);
  begin();
  expectSeen(row, await emits('watcher.unreachable'));
  atlas.say(0, ready);
  await emits('watcher.poll_failed', ({ reportedAfterSeconds }) => reportedAfterSeconds === undefined);
  await end();
  expect.soft(await emits('watcher.recovered'), row.fault).toMatchObject({ level: 'info', migration: 'm0' });
  await expectExit(row, program);
  expectPollsReported(row, program.events);
  expectKept(row, program.events);
  const of = (name: EventName) => program.events.filter(({ event }) => event === name).length;
  const episodes = { unreachable: of('watcher.unreachable'), recovered: of('watcher.recovered') };
  expect.soft({ fault: row.fault, ...episodes }).toEqual({ fault: row.fault, unreachable: 1, recovered: 1 });
}

/** Plays a fault that lasts for two runs of one poll, between two runs on the same state file that meet Atlas itself. */
export async function playInRuns(row: Row, atlas: AtlasByHand, faultyUrl: string): Promise<void> {
  const folder = temporaryFolder();
  const once = (baseUrl: string) => {
    const file = writeConfig(folder, faultConfig(baseUrl));
    return runToEnd(['run', '-c', file, '--once']);
  };
  atlas.say(0, before);
  const first = await once(atlas.simulator.baseUrl);
  const faultyFirst = await once(faultyUrl);
  const faulty = await once(faultyUrl);
  atlas.say(0, ready);
  const last = await once(atlas.simulator.baseUrl);
  const { fault, sees, recovers } = row;
  const codes = [first, faulty, last].map(({ code }) => code);
  expect.soft({ fault, codes }).toEqual({ fault, codes: [0, sees.exit, 0] });
  expectSeen(
    row,
    faulty.events.find(({ event }) => event === sees.event),
  );
  expectKept(
    row,
    [first, faultyFirst, faulty, last].flatMap(({ events }) => events),
  );
  expect
    .soft(
      last.events.map(({ event }) => event),
      fault,
    )
    .toContain(recovers);
}

/** What a row sees of a fault that is reported as an outage. */
export function outage(sees: Omit<Sees, 'exit'>): Sees {
  return { event: 'watcher.unreachable', level: 'error', exit: 0, ...sees };
}
