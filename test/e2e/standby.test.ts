import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { EventName } from '../../src/events/catalogue.ts';
import { lineSchema } from '../../src/events/json-schema.ts';
import { randomOf } from '../bench/random.ts';
import { installAudit, readAudit } from '../bench/standby-audit.ts';
import { Course } from '../bench/standby-course.ts';
import { judge } from '../bench/standby-oracle.ts';
import { runStandbyTrial } from '../bench/standby-run.ts';
import { type OpenStage, openStage } from '../bench/standby-stage.ts';
import type { Run, TrialWatcher, WrittenLine } from '../bench/standby-watchers.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../postgres/server.ts';
import { keyInEnvironment, main } from './program.ts';

/** The shortest there is. */
const leaseSeconds = 5;
/** Here it is seen who takes over, and that a stop waits for no lease; `bench:standby` measures how soon. */
const toleranceMs = 4_500;
const migrations = 3;

interface Pair extends OpenStage {
  readonly course: Course;
  /** Which is the active one at first. */
  readonly holder: TrialWatcher;
  readonly other: TrialWatcher;
}

describe.skipIf(!hasPostgres)(
  `two watchers with one database${hasPostgres ? '' : ' (there is no PostgreSQL server)'}`,
  () => {
    let server: PostgresServer;
    let folder: string;
    const stages: OpenStage[] = [];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
      server = await startPostgres();
    });
    afterAll(async () => {
      for (const stage of stages) await stage.close();
      await server?.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Starts one watcher, which becomes the active one, and then the other. */
    async function pair(): Promise<Pair> {
      const course = new Course(migrations, randomOf(1), false);
      const own = join(folder, String(stages.length));
      const options = {
        folder: own,
        course,
        leaseSeconds,
        throughPgbouncer: false,
        movableClocks: false,
        server,
      };
      // The place is taken at once, as tests run at the same time.
      const opening = openStage(options);
      stages.push({ close: async () => (await opening).close() } as OpenStage);
      const stage = await opening;
      const [holder, other] = stage.watchers;
      holder.start();
      await reported(holder, 'watcher.active');
      other.start();
      await reported(other, 'watcher.standby');
      return { ...stage, course, holder, other };
    }

    const served = new Scene(pair);
    const troubled = new Scene(pair);

    test.concurrent('the one that stands by serves the page and the API, is alive and ready, and polls nothing', ({
      expect,
    }) =>
      served.next(async ({ course, other }) => {
        const asked = (path: string) => request(`${other.origin}${path}`);
        const page = await asked('/');
        expect(page.statusCode).toBe(200);
        expect(page.headers['content-type']).toContain('text/html');
        await page.body.dump();
        const live = await asked('/livez');
        expect(live.statusCode).toBe(200);
        await live.body.dump();
        const ready = await asked('/readyz');
        expect({ status: ready.statusCode, body: await ready.body.text() }).toEqual({
          status: 200,
          body: expect.stringContaining('standby'),
        });
        await expect
          .poll(async () => (await (await asked('/api/migrations')).body.json()) as object, {
            timeout: longestMs,
          })
          .toMatchObject({
            watcher: { role: 'standby' },
            migrations: Array.from({ length: migrations }, () => ({
              status: expect.stringMatching(/^STEP_/),
            })),
          });
        expect(course.polls.filter(({ asker }) => asker === 'b')).toEqual([]);
      }));

    test.concurrent('run --once ends with 73 beside the holder of the lease, and polls nothing', ({
      expect,
    }) =>
      served.next(async ({ other }) => {
        const { code, stdout } = await ended(['run', '--once', '-c', other.file]);
        expect(code).toBe(73);
        expect(stdout).not.toContain('"event":"migration.');
      }));

    test.concurrent('a command at the one that stands by reaches the active one through the database', ({
      expect,
    }) =>
      served.next(async ({ holder, other }) => {
        const { code, stderr } = await ended(['plan', 'm0', '--at', soon(), '-c', other.file]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
        await reported(holder, 'migration.cutover_planned');
        expect(linesOf(other, 'migration.cutover_planned')).toEqual([]);
      }));

    test.concurrent('when the active one is killed, the other one polls when the lease has ended', ({
      expect,
    }) =>
      served.next(async ({ holder, other, course }) => {
        const killedAt = Date.now();
        await holder.end('SIGKILL');
        const { record } = await reported(other, 'watcher.active');
        expect(record).toMatchObject({ after: 'expired', level: 'warn' });
        expect((await firstPoll(course, 'b')) - killedAt).toBeLessThan(leaseSeconds * 1_000 + toleranceMs);
        holder.start();
        await reported(holder, 'watcher.standby');
      }));

    test.concurrent('when the active one is stopped, the other one polls before the lease would have ended', ({
      expect,
    }) =>
      served.next(async ({ holder, other, course }) => {
        const stoppedAt = Date.now();
        await other.end('SIGTERM');
        const { record } = await reported(holder, 'watcher.active');
        expect(record).toMatchObject({ after: 'free', level: 'info' });
        expect((await firstPoll(course, 'a', stoppedAt)) - stoppedAt).toBeLessThan(toleranceMs);
      }));

    test.concurrent('one that was suspended for longer than the lease says that it is fenced, and writes nothing', ({
      expect,
    }) =>
      troubled.next(async ({ holder, other, database }) => {
        await installAudit(database);
        holder.signal('SIGSTOP');
        await reported(other, 'watcher.active');
        await reported(other, 'migration.status_changed');
        const before = holder.run?.lines.length ?? 0;
        holder.signal('SIGCONT');
        const { record } = await reported(holder, 'watcher.fenced');
        expect(record).toMatchObject({ level: 'error', epoch: other.epoch });
        await reported(holder, 'watcher.standby');
        const after = holder.run?.lines.slice(before) ?? [];
        const unmarked = after.filter((line) => line.record.unfenced !== true).map(({ event }) => event);
        expect(unmarked.filter((event) => event.startsWith('migration.'))).toEqual([]);
        const audit = await readAudit(database);
        // Who held the lease when the audit began is not known to it.
        expect(audit.foreignWrites.filter((write) => !write.includes('while null held'))).toEqual([]);
        expect(audit.taken.map(({ run }) => run)).toEqual(['b-1']);
      }));

    test.concurrent('while the database is away, the active one goes on with lines that are marked, and writes all of it back before the other one can take over', ({
      expect,
    }) =>
      troubled.next(async ({ holder: other, other: holder, lines, database }) => {
        const terms = linesOf(other, 'watcher.active').length;
        for (const { database: line } of Object.values(lines)) line.cut('reset');
        await reported(holder, 'watcher.state_unavailable');
        const awayAt = Date.now();
        const isLate = ({ at, event, record }: WrittenLine): boolean =>
          event === 'migration.status_changed' &&
          at > awayAt + leaseSeconds * 1_000 &&
          record.unfenced === true;
        await until(() => holder.run?.lines.some(isLate) === true);
        for (const { database: line } of Object.values(lines)) line.restore();
        await reported(holder, 'watcher.state_recovered');
        const rows = await database.query('SELECT event_id, record FROM cutover_watch.event');
        const stored = new Map(
          rows.map(({ event_id, record }) => [event_id, JSON.parse(String(record)) as object]),
        );
        const marked = holder.run?.lines.filter(({ record }) => record.unfenced === true) ?? [];
        for (const { record } of marked) {
          if (record.eventId === undefined) continue;
          const { unfenced: _marked, ...rest } = record;
          expect(stored.get(record.eventId)).toEqual(rest);
        }
        expect(holder.role).toBe('active');
        expect(linesOf(other, 'watcher.active')).toHaveLength(terms);
      }));

    test.concurrent('whatever happens to them, every change is in the log once, as a single watcher reports it', async ({
      expect,
    }) => {
      const evidence = await runStandbyTrial({
        folder: join(folder, 'trial'),
        seed: 8,
        rounds: 6,
        migrations: 10,
        leaseSeconds,
        throughPgbouncer: false,
        longestMs: 1_500,
        movableClocks: false,
        kinds: ['kill', 'stop', 'terminate', 'server immediate', 'database mute', 'database silent'],
        overlapShare: 0.5,
        hurryShare: 0.5,
        quietShare: 0,
      });
      expect(judge(evidence).problems).toEqual([]);
    });
  },
);

/** Two watchers that are there for several tests, one after the other. */
class Scene {
  readonly #open: () => Promise<Pair>;
  #pair: Promise<Pair> | undefined;
  #latest: Promise<unknown> = Promise.resolve();

  constructor(open: () => Promise<Pair>) {
    this.#open = open;
  }

  /** Does this when all that was asked for before is done. */
  next(work: (pair: Pair) => Promise<void>): Promise<void> {
    this.#pair ??= this.#open();
    const pair = this.#pair;
    const done = this.#latest.then(async () => work(await pair));
    this.#latest = done.catch(() => {});
    return done;
  }
}

const longestMs = 30_000;
const lookEveryMs = 20;

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + longestMs;
  while (!isSo()) {
    if (performance.now() > end)
      throw new Error(`It is not so after ${longestMs / 1_000} s: ${String(isSo)}`);
    await delay(lookEveryMs);
  }
}

function linesOf({ run }: TrialWatcher, event: EventName): readonly WrittenLine[] {
  return run?.lines.filter((line) => line.event === event) ?? [];
}

/** Resolves to the latest line of this event in the present run, when there is one. Every line has its schema. */
async function reported(watcher: TrialWatcher, event: EventName): Promise<WrittenLine> {
  const run: Run | undefined = watcher.run;
  if (run === undefined) throw new Error(`${watcher.asker} does not run`);
  const found = () => run.lines.findLast((line) => line.event === event);
  await until(() => found() !== undefined || run.ending !== undefined);
  const line = found();
  if (line === undefined) throw new Error(`${run.name} ended without ${event}.\n${run.stderr}`);
  lineSchema(event).strict().parse(line.record);
  return line;
}

/** Resolves to the moment of the first poll after another one. */
async function firstPoll({ polls }: Course, asker: 'a' | 'b', after = 0): Promise<number> {
  const found = () => polls.find((poll) => poll.asker === asker && poll.at > after);
  await until(() => found() !== undefined);
  return found()?.at ?? Number.NaN;
}

function soon(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

/** Runs a command to its end. */
async function ended(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', ...keyInEnvironment() };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
