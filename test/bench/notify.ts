/**
 * What notifications cost: three programs watch as many migrations each, at the same time: without receivers, with three
 * that take everything, and with three of which one hangs and one fails. All migrations turn ready at once. Prints how late
 * polls and lines were, the memory, the commits, and how fast events were delivered.
 * Usage: npm run bench:notify [-- --migrations 10000 --every 60]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startAtlas } from './atlas-process.ts';
import type { Fleet } from './bench-fleet.ts';
import { lineDelays } from './delays.ts';
import type { Arrivals } from './notify-receivers.ts';
import { untilTick } from './pace.ts';
import { memoryMb } from './process-usage.ts';
import { digits, formatTable, print, quantile } from './report.ts';
import { latenessOf } from './rounds.ts';
import { type Target, targetTable } from './targets.ts';
import { prepareProgram, startProgram, type WatchedProgram } from './watched-program.ts';

const { values } = parseArgs({
  options: {
    migrations: { type: 'string', default: '10000' },
    every: { type: 'string', default: '60' },
  },
});
const count = Number(values.migrations);
const everySeconds = Number(values.every);
const replyDelayMs = 20;
const projectSize = 45;
const longestDeliveryMs = 300_000;
const rounds = 2;
const kinds = {
  'no receiver': [],
  'three that take everything': ['takes', 'takes', 'takes'],
  'one hangs, one fails, one takes': ['hangs', 'fails', 'takes'],
};
const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-notify-'));
const receivers = fork(new URL('./notify-receivers.ts', import.meta.url));
const [{ port }] = (await once(receivers, 'message')) as [{ port: number }];
const fleets = Object.keys(kinds).map(
  (_kind, id): Fleet => ({ id, count, projects: Math.ceil(count / projectSize) }),
);
const atlas = await startAtlas(fleets, replyDelayMs);

async function arrivals(): Promise<Readonly<Record<string, Arrivals>>> {
  receivers.send('arrivals');
  return (await once(receivers, 'message'))[0] as Readonly<Record<string, Arrivals>>;
}

interface Watching {
  readonly kind: string;
  readonly fleet: Fleet;
  readonly program: WatchedProgram;
}

async function begin(kind: string, modes: readonly string[], fleet: Fleet): Promise<Watching> {
  const own = join(folder, String(fleet.id));
  mkdirSync(own);
  const options = {
    folder: own,
    baseUrl: atlas.baseUrl,
    fleet,
    everySeconds,
    probed: true,
    notify: modes.map((mode, index) => ({
      name: `${mode}-${index}`,
      type: 'webhook',
      url: `http://127.0.0.1:${port}/${mode}/${fleet.id}-${index}`,
      timeout: '5s',
    })),
  };
  await prepareProgram(options);
  return { kind, fleet, program: startProgram(options) };
}

const watchings: Watching[] = [];
try {
  for (const [id, [kind, modes]] of Object.entries(kinds).entries()) {
    const fleet = fleets[id];
    if (fleet !== undefined) watchings.push(await begin(kind, modes, fleet));
  }
  // The first round is polled at once; the second one at its times.
  await untilTick(everySeconds);
  await delay(everySeconds * 900);
  const tick = await untilTick(everySeconds);
  for (const { fleet, program } of watchings) {
    await atlas.arrivals(fleet);
    await program.glance();
  }
  const from = Date.now();
  for (const { fleet } of watchings) await atlas.turnReady(fleet, { kind: 'once', from, overMs: 0 });
  for (let round = 0; round < rounds; round += 1) await untilTick(everySeconds);
  const rows = [];
  for (const { fleet, program, kind } of watchings) {
    const requests = await atlas.arrivals(fleet);
    const lateness = latenessOf(requests, { fleet, rounds, tick, intervalMs: everySeconds * 1_000 });
    const delays = lineDelays(program, requests, replyDelayMs);
    const late = lateness.map(({ lateMs }) => lateMs);
    rows.push({
      kind,
      lines: program.readyLines.length,
      late50: quantile(late, 0.5),
      late99: quantile(late, 0.99),
      line50: quantile(delays, 0.5),
      line99: quantile(delays, 0.99),
      glance: await program.glance(),
      memory: memoryMb(program.pid),
    });
  }
  print(
    formatTable(
      [
        'receivers',
        'ready lines',
        'polls late, ms: median',
        '99 %',
        'reply to line, ms: median',
        '99 %',
        'loop delay 99 %, ms',
        'max',
        'commits',
        'memory, MB',
        'peak',
      ],
      rows.map(({ kind, lines, late50, late99, line50, line99, glance, memory }) => [
        kind,
        String(lines),
        ...[late50, late99, line50, line99, glance.loopP99Ms, glance.loopMaxMs].map((ms) => digits(ms, 1)),
        String(glance.commits),
        ...[memory.resident, memory.peak].map((mb) => digits(mb, 0)),
      ]),
    ),
  );
  const end = Date.now() + longestDeliveryMs;
  const isAwaited = ([path, { events }]: readonly [string, Arrivals]) =>
    path.startsWith('/takes') && events < count;
  let got = await arrivals();
  while (Object.entries(got).some(isAwaited) && Date.now() < end) {
    await delay(1_000);
    got = await arrivals();
  }
  print(
    formatTable(
      [
        'receiver',
        'events',
        'messages',
        'seconds from the first to the last',
        'events a second',
        'the last after all turned ready, s',
      ],
      Object.entries(got)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([path, { events, messages, firstAt, lastAt }]) => [
          path,
          String(events),
          String(messages),
          digits((lastAt - firstAt) / 1_000, 1),
          digits((events * 1_000) / Math.max(1, lastAt - firstAt), 0),
          digits((lastAt - from) / 1_000, 1),
        ]),
    ),
  );
  const [without, ...others] = rows;
  const targets = others.flatMap(({ kind, late99, line99, memory }): Target[] => [
    {
      what: `polls late (99 %), ${kind}, in ms above none`,
      value: late99 - (without?.late99 ?? Number.NaN),
      limit: 250,
      is: 'at most',
    },
    {
      what: `reply to line (99 %), ${kind}, in ms above none`,
      value: line99 - (without?.line99 ?? Number.NaN),
      limit: 250,
      is: 'at most',
    },
    {
      what: `peak of memory, ${kind}, beside none`,
      value: memory.peak / (without?.memory.peak ?? Number.NaN),
      limit: 1.25,
      is: 'at most',
    },
  ]);
  print(targetTable(targets));
} finally {
  await Promise.all(watchings.map(({ program }) => program.stop()));
  receivers.disconnect();
  await atlas.close();
  rmSync(folder, { recursive: true, force: true });
}
