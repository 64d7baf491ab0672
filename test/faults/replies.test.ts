import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { listenOn } from '../atlas/connect.ts';
import { migrationId } from '../e2e/atlas-by-hand.ts';
import { start, temporaryFolder, writeConfig } from '../e2e/program.ts';
import { longestPauseMs, type ReplyRow, replyRows } from './replies.ts';
import {
  before,
  emitterOf,
  expectKept,
  expectPollsReported,
  expectResumed,
  expectSeen,
  faultConfig,
  ready,
} from './watched.ts';

/** A project for each row, as a Retry-After is for all of a project. */
const groupOf = (n: number): string => (n + 1).toString(16).padStart(24, 'a');

const challenge =
  'Digest realm="MMS Public API", domain="", nonce="Nfx+VMFO0sY4tpgy", algorithm=MD5, qop="auth"';

/** So many migrations are healthy that each fault is reported for its own migration and not for the account. */
const healthyCount = replyRows.length;

/** An Atlas that answers each migration as its row says; returns when each was asked, in ms. */
async function startFaultyAtlas() {
  const asked = replyRows.map((): number[] => []);
  const server = createServer((request, response) => {
    if (request.headers.authorization === undefined)
      return void response.writeHead(401, { 'www-authenticate': challenge }).end();
    const id = request.url?.split('/').at(-1) ?? '';
    const n = replyRows.findIndex((_, index) => migrationId(index) === id);
    if (n < 0) return void response.end(JSON.stringify({ _id: id, ...before }));
    const times = asked[n];
    const row = replyRows[n];
    if (times === undefined || row === undefined) return void response.writeHead(404).end();
    const ordinal = times.push(performance.now()) - (row.seenBefore ? 1 : 0);
    if (ordinal === 0) response.end(JSON.stringify({ _id: id, ...before }));
    else if (ordinal <= row.times) row.answer(response, request);
    else response.end(JSON.stringify({ _id: id, ...ready }));
  });
  return { baseUrl: `http://127.0.0.1:${await listenOn(server)}`, asked };
}

function configOf(baseUrl: string): object {
  const config = faultConfig(baseUrl, replyRows.length);
  return {
    ...config,
    atlas: { ...config.atlas, requestTimeout: '2s', concurrency: replyRows.length + healthyCount },
    retry: { attempts: 1, maxRetryAfter: `${longestPauseMs}ms` },
    migrations: Array.from({ length: replyRows.length + healthyCount }, (_, n) => ({
      name: `m${n}`,
      groupId: groupOf(n),
      liveMigrationId: migrationId(n),
    })),
  };
}

test('every faulty reply is reported in its own words, loses nothing, and its end is noticed', async () => {
  const { baseUrl, asked } = await startFaultyAtlas();
  const file = writeConfig(temporaryFolder(), configOf(baseUrl));
  const program = start(['run', '-c', file]);
  await Promise.all(
    replyRows.map((row, n) => {
      const last = row.keeps.at(-1) ?? 'migration.first_seen';
      const name = row.recovers === 'watcher.recovered' ? row.recovers : last;
      return emitterOf(row, program)(name, ({ migration }) => migration === `m${n}`);
    }),
  );
  expect(await program.end()).toMatchObject({ code: 0 });

  for (const [n, row] of replyRows.entries()) {
    const reported = program.events.filter(({ migration }) => migration === `m${n}`);
    expectSeen(
      row,
      reported.find(({ event }) => event === row.sees.event),
    );
    expectKept(row, reported);
    expectRecovery(row, reported);
    const limits = program.events.filter(
      ({ event, groupId }) => event === 'watcher.rate_limited' && groupId === groupOf(n),
    );
    expect.soft({ row: row.fault, limits: limits.length }).toEqual({
      row: row.fault,
      limits: row.sees.errorType === 'rate_limited' || row.fault.includes('Retry-After') ? 1 : 0,
    });
    expectPause(row, asked[n] ?? []);
  }
  await expectResumed(
    { ...replyRows[0], fault: 'all of them' } as ReplyRow,
    file,
    replyRows.length + healthyCount,
  );
});

/** An outage is reported once and so is its end; what is no outage is not reported as one. */
function expectRecovery(row: ReplyRow, reported: readonly EventRecord[]): void {
  const names = reported.map(({ event }) => event).filter((event) => /unreachable|recovered/.test(event));
  const isOutage = row.recovers === 'watcher.recovered';
  const expected = isOutage ? ['watcher.unreachable', 'watcher.recovered'] : [];
  expect.soft({ row: row.fault, names }).toEqual({ row: row.fault, names: expected });
  if (isOutage) expectPollsReported(row, reported);
  if (row.sees.event === undefined)
    expect.soft(reported.map(({ event }) => event)).not.toContain('watcher.poll_failed');
}

/** Polls come no sooner than Atlas asked for, and come again soon after. */
function expectPause({ fault, pauseMs, seenBefore, times }: ReplyRow, asked: readonly number[]): void {
  if (pauseMs === undefined) return;
  const first = seenBefore ? 1 : 0;
  for (let n = first; n < first + times; n += 1) {
    const gap = (asked[n + 1] ?? Number.NaN) - (asked[n] ?? Number.NaN);
    expect.soft(gap, `the pause after ${fault}`).toBeGreaterThan(pauseMs[0]);
    expect.soft(gap, `the pause after ${fault}`).toBeLessThan(pauseMs[1]);
  }
}
