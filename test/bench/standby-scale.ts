/**
 * What the database costs beside the file: three programs watch as many migrations, at the same time: one with a file, the
 * holder of a PostgreSQL database, and one that stands by for it. Prints CPU, memory, how late polls and lines are, and what
 * the database takes. Usage: npm run bench:standby-scale [-- --migrations 10000 --every 30 --rounds 10]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openSharedStore } from '../../src/state/postgres/store.ts';
import { startPostgres } from '../postgres/server.ts';
import { startAtlas } from './atlas-process.ts';
import { type Fleet, remember } from './bench-fleet.ts';
import { lineDelays } from './delays.ts';
import { untilTick } from './pace.ts';
import { cpuMs, memoryMb } from './process-usage.ts';
import { digits, formatTable, print, quantile } from './report.ts';
import { measureRounds } from './rounds.ts';
import { type Growth, growthTable, measureGrowth } from './standby-growth.ts';
import { type Target, targetTable } from './targets.ts';
import { prepareProgram, startProgram, type WatchedProgram } from './watched-program.ts';

const { values } = parseArgs({
  options: {
    migrations: { type: 'string', default: '10000' },
    every: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '10' },
  },
});
const count = Number(values.migrations);
const everySeconds = Number(values.every);
const rounds = Number(values.rounds);
const replyDelayMs = 20;
const projectSize = 45;
const leaseMs = 30_000;
/** What the state in the database may cost, compared with the file. */
const limit = 1.3;
/** As of a server that is used, not only tested. */
const serverSettings = ['fsync=on', 'shared_buffers=256MB', 'max_wal_size=1GB', 'checkpoint_timeout=5min'];

const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-standby-'));
const projects = Math.ceil(count / projectSize);
const ofFile: Fleet = { id: 2, count, projects };
const ofDatabase: Fleet = { id: 3, count, projects };
const server = await startPostgres(serverSettings);
const atlas = await startAtlas([ofFile, ofDatabase], replyDelayMs);
const programs: WatchedProgram[] = [];

interface Role {
  readonly role: string;
  readonly cpu: number;
  readonly peakMb: number;
  readonly residentMb: number;
  readonly late50?: number;
  readonly late99?: number;
  readonly line50?: number;
  readonly line99?: number;
  readonly loopP99?: number;
}

try {
  const url = await server.newDatabase();
  await rememberInDatabase(url);
  const [file, holder, standby] = [
    await begin('file', ofFile),
    await begin('holder', ofDatabase, url),
    // It has time to take the lease first.
    await begin('standby', ofDatabase, url, 2_000),
  ];
  await untilTick(everySeconds);
  await delay(everySeconds * 1_000);
  const sessions = [
    { fleet: ofFile, program: file },
    { fleet: ofDatabase, program: holder },
  ];
  const standbyBefore = { cpu: standby.cpuMs(), at: performance.now() };
  const serverBefore = serverCpuMs();
  const growing = measureGrowth(server, url);
  const [fileRounds, holderRounds] = await measureRounds(atlas, sessions, everySeconds, rounds);
  const growth = await (await growing)();
  const lastedMs = performance.now() - standbyBefore.at;
  const standbyCpu = (standby.cpuMs() - standbyBefore.cpu) / lastedMs;
  const serverCpu = (serverCpuMs() - serverBefore) / lastedMs;
  if (fileRounds === undefined || holderRounds === undefined) throw new Error('nothing was measured');

  for (const { fleet } of sessions) await atlas.arrivals(fleet);
  const from = Date.now();
  const readiness = { kind: 'once', from, overMs: everySeconds * 1_000 } as const;
  for (const { fleet } of sessions) await atlas.turnReady(fleet, readiness);
  await delay(everySeconds * 2_000 + 2_000);
  const roles: Role[] = [];
  for (const [index, measured] of [fileRounds, holderRounds].entries()) {
    const session = sessions[index];
    if (session === undefined) continue;
    const delays = lineDelays(session.program, await atlas.arrivals(session.fleet), replyDelayMs);
    roles.push({
      role: index === 0 ? 'file' : 'PostgreSQL, holder',
      cpu: measured.cpuShare,
      peakMb: memoryMb(session.program.pid).peak,
      residentMb: memoryMb(session.program.pid).resident,
      late50: measured.lateP50Ms,
      late99: measured.lateP99Ms,
      line50: quantile(delays, 0.5),
      line99: quantile(delays, 0.99),
      loopP99: measured.loopP99Ms,
    });
    print(
      `${index === 0 ? 'file' : 'holder'}: ${measured.polls} polls, ${measured.missing} missing, ${delays.length} of ${count} lines, ${measured.commitsPerRound} commits of SQLite a round.`,
    );
  }
  const { peak, resident } = memoryMb(standby.pid);
  roles.push({ role: 'PostgreSQL, standby', cpu: standbyCpu, peakMb: peak, residentMb: resident });
  show(roles, growth, serverCpu);
} finally {
  await Promise.all(programs.map((program) => program.stop()));
  await atlas.close();
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}

async function rememberInDatabase(url: string): Promise<void> {
  const store = await openSharedStore(url, leaseMs);
  await store.lease.take();
  await remember(store, ofDatabase, everySeconds * 1_000, Date.now() - 1_000);
  await store.lease.release();
  await store.close();
}

async function begin(role: string, fleet: Fleet, url?: string, afterMs = 0): Promise<WatchedProgram> {
  const own = join(folder, role);
  mkdirSync(own);
  const urlFile = join(own, 'url');
  if (url !== undefined) writeFileSync(urlFile, url, { mode: 0o600 });
  const state = url === undefined ? {} : { state: { urlFile, lease: `${leaseMs / 1_000}s` } };
  const options = { folder: own, baseUrl: atlas.baseUrl, fleet, everySeconds, probed: true, ...state };
  await prepareProgram(options);
  await delay(afterMs);
  const program = startProgram(options);
  programs.push(program);
  return program;
}

/** All processes of the server. */
function serverCpuMs(): number {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(server.pid)], { encoding: 'utf8' });
  const pids = [
    server.pid,
    ...children
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0),
  ];
  return pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
}

function cpuOf(pid: number): number {
  try {
    return cpuMs(pid);
  } catch {
    // It has ended meanwhile, like the `ps` that was asked.
    return 0;
  }
}

function show(roles: readonly Role[], growth: Growth, serverCpu: number): void {
  print(
    formatTable(
      [
        'state',
        'CPU, of a core',
        'memory, MB',
        'peak',
        'polls late, ms: median',
        '99 %',
        'reply to line, ms: median',
        '99 %',
        'loop delay 99 %, ms',
      ],
      roles.map((role) => [
        role.role,
        `${digits(role.cpu * 100, 1)} %`,
        digits(role.residentMb, 0),
        digits(role.peakMb, 0),
        ...[role.late50, role.late99, role.line50, role.line99, role.loopP99].map((ms) =>
          digits(ms ?? Number.NaN, 1),
        ),
      ]),
    ),
  );
  print(`The server itself takes ${digits(serverCpu * 100, 1)} % of a core.`);
  print(growthTable(growth));
  const [file, holder, standby] = roles;
  const ratio = (what: string, of: (role: Role) => number | undefined, one = holder): Target => ({
    what,
    value:
      (one === undefined ? Number.NaN : (of(one) ?? Number.NaN)) /
      (file === undefined ? Number.NaN : (of(file) ?? Number.NaN)),
    limit,
    is: 'at most',
    unit: 'x',
  });
  print(
    targetTable([
      ratio('CPU, holder beside file', ({ cpu }) => cpu),
      ratio('peak of memory, holder beside file', ({ peakMb }) => peakMb),
      ratio('polls late (99 %), holder beside file', ({ late99 }) => late99),
      ratio('reply to line (99 %), holder beside file', ({ line99 }) => line99),
      ratio('CPU, standby beside file', ({ cpu }) => cpu, standby),
      ratio('peak of memory, standby beside file', ({ peakMb }) => peakMb, standby),
    ]),
  );
}
