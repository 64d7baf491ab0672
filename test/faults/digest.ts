import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { configFor, startAtlas } from '../e2e/atlas-by-hand.ts';
import {
  apiKey,
  keyInEnvironment,
  migrationEvents,
  start,
  temporaryFolder,
  writeConfig,
} from '../e2e/program.ts';
import { fastClock, libfaketime, unthrottled } from './fake-clock.ts';
import { leadTo, startFront, type Treat } from './front.ts';
import { type Row, type ScenarioRow, turnsReady } from './row.ts';
import {
  before,
  emitterOf,
  expectExit,
  expectKept,
  expectSeen,
  faultConfig,
  outage,
  playInRuns,
  playOutage,
  ready,
  startWatched,
} from './watched.ts';

const newKey = { ...apiKey, privateKey: '89abcdef-0123-4567-89ab-cdef01234567' } as const;

/** Answers every request, signed or not, with a challenge of its own. */
function challenges(parameters: string): Treat {
  const server = createServer((_request, response) => {
    const challenge = `Digest realm="MMS Public API", domain="", nonce="${randomBytes(24).toString('base64')}", qop="auth", ${parameters}`;
    response.writeHead(401, { 'www-authenticate': challenge }).end('{"errorCode":"UNEXPECTED_ERROR"}');
  });
  return (client) => void server.emit('connection', client);
}

/** Plays a refusal: it slows polling down to one a minute, so the clock goes fast. */
function refusedWith(parameters: string): ScenarioRow['play'] {
  return async (row) => {
    const atlas = await startAtlas();
    const through = leadTo(atlas.simulator.port);
    const front = await startFront(through);
    const baseUrl = `http://127.0.0.1:${front.port}`;
    const config = unthrottled(faultConfig(baseUrl));
    await playOutage(
      row,
      { atlas, baseUrl, config, env: fastClock() },
      { begin: () => front.treat(challenges(parameters)), end: () => front.treat(through) },
    );
  };
}

/** An Atlas that takes one key, and later only another; and the file in which the program finds its key. */
async function startRotatingAtlas() {
  const [former, next] = [await startAtlas(), await startAtlas({ credentials: newKey })];
  const front = await startFront(leadTo(former.simulator.port));
  const file = join(temporaryFolder(), 'private-key');
  const write = (key: string): void => writeFileSync(file, `${key}\n`, { mode: 0o600 });
  write(apiKey.privateKey);
  return {
    atlas: {
      ...former,
      say: (n: number, body: object) => {
        former.say(n, body);
        next.say(n, body);
      },
    },
    baseUrl: `http://127.0.0.1:${front.port}`,
    env: { MONGODB_ATLAS_PRIVATE_API_KEY: '', MONGODB_ATLAS_PRIVATE_API_KEY_FILE: file },
    rotate: () => front.treat(leadTo(next.simulator.port)),
    writeNewKey: () => write(newKey.privateKey),
  };
}

async function playRotatedBefore(row: Row): Promise<void> {
  const { rotate, writeNewKey, baseUrl, ...rest } = await startRotatingAtlas();
  const config = unthrottled(faultConfig(baseUrl));
  const env = { ...rest.env, ...fastClock() };
  await playOutage(row, { ...rest, baseUrl, env, config }, { begin: rotate, end: writeNewKey });
}

async function playRotatedAfter(row: Row): Promise<void> {
  const { rotate, writeNewKey, ...rest } = await startRotatingAtlas();
  const { atlas, program, emits } = await startWatched(row, rest);
  atlas.say(0, ready);
  writeNewKey();
  rotate();
  const reloaded = await emits('watcher.config_reloaded');
  expect.soft(reloaded, row.fault).toMatchObject({ credentialsChanged: true, level: 'info' });
  await emits('migration.ready_for_cutover');
  await expectExit(row, program);
  expectKept(row, program.events);
  expect.soft(program.stdout, row.fault).not.toContain(newKey.privateKey);
}

async function playRefusedRound(row: Row): Promise<void> {
  const atlas = await startAtlas();
  const refusing = await startFront(challenges('algorithm=MD5, stale=false'));
  await playInRuns(row, atlas, `http://127.0.0.1:${refusing.port}`);
}

/** Nonces are worth so little that every round of polls is answered that its nonce is too old. */
async function playNonces(row: Row, nonces: Parameters<typeof startAtlas>[0]): Promise<void> {
  const count = 12;
  const atlas = await startAtlas(nonces);
  const all = Array.from({ length: count }, (_, n) => n);
  for (const n of all) atlas.say(n, before);
  const config = configFor(atlas.simulator.baseUrl, count);
  const retry = { attempts: 4, minDelay: '50ms', maxDelay: '100ms' };
  const program = start(
    ['run', '-c', writeConfig(temporaryFolder(), { ...config, retry })],
    keyInEnvironment(),
  );
  const emits = emitterOf(row, program);
  const everywhere = (name: Parameters<typeof emits>[0]) =>
    Promise.all(all.map((n) => emits(name, ({ migration }) => migration === `m${n}`)));
  await everywhere('migration.first_seen');
  for (const n of all) atlas.say(n, ready);
  await everywhere('migration.ready_for_cutover');
  await expectExit(row, program);
  for (const n of all)
    expectKept(
      row,
      program.events.filter(({ migration }) => migration === `m${n}`),
    );
  expect.soft(migrationEvents(program.events), row.fault).toHaveLength(count * (1 + row.keeps.length));
  expectSeen(row, undefined);
  expect.soft(program.events.filter(({ event }) => event === 'watcher.unreachable')).toEqual([]);
  const { 401: unauthorized = 0 } = atlas.simulator.counts.byStatus;
  expect.soft(unauthorized, row.fault).toBeGreaterThan(1);
}

const all401 = 'an HTTP server that answers everything with a challenge';

const row = (
  fault: string,
  covers: readonly string[],
  sees: ScenarioRow['sees'],
  play: ScenarioRow['play'],
): ScenarioRow => ({
  fault,
  covers,
  injected: all401,
  sees,
  keeps: turnsReady,
  recovers: 'watcher.recovered',
  play,
});

export const digestRows: readonly ScenarioRow[] = [
  {
    ...row(
      'every nonce is called too old',
      ['nonce stale on every reply'],
      outage({ errorType: 'server_error', httpStatus: 401, remedy: /Atlas rejected every nonce as stale/ }),
      refusedWith('algorithm=MD5, stale=true'),
    ),
    needs: libfaketime,
  },
  {
    ...row(
      'a digest algorithm that we do not know',
      ['wrong algorithm'],
      outage({
        errorType: 'unauthorized',
        detail: /offered: digest SHA-512-256/i,
        remedy: /asks for digest SHA-512-256/,
      }),
      refusedWith('algorithm=SHA-512-256, stale=false'),
    ),
    needs: libfaketime,
  },
  {
    ...row(
      'a key that is refused, and accepted again',
      ['401'],
      outage({ errorType: 'unauthorized', httpStatus: 401, remedy: /role Organization Member/ }),
      refusedWith('algorithm=MD5, stale=false'),
    ),
    needs: libfaketime,
  },
  row(
    'a key that is refused in the only round',
    ['401'],
    {
      ...outage({ errorType: 'unauthorized', httpStatus: 401, remedy: /Check the public and private key/ }),
      exit: 77,
    },
    playRefusedRound,
  ),
  {
    ...row(
      'a key rotated at Atlas before its file is rewritten',
      ['key rotated', '401'],
      outage({ errorType: 'unauthorized', httpStatus: 401, remedy: /Check the public and private key/ }),
      playRotatedBefore,
    ),
    injected: 'a simulator with another key takes over, and the file of the private key is rewritten later',
    needs: libfaketime,
  },
  {
    ...row('a key rotated after its file was rewritten', ['key rotated'], { exit: 0 }, playRotatedAfter),
    injected: 'the file of the private key is rewritten, and a simulator with the new key takes over',
    recovers: 'watcher.config_reloaded',
  },
  {
    ...row(
      'nonces that change under concurrent polls',
      ['nonce changed under concurrency'],
      { exit: 0 },
      (played) => playNonces(played, { nonceLifetimeMs: 700 }),
    ),
    injected: 'a simulator whose nonces live for 700 ms, and twelve migrations polled once a second',
    recovers: 'goes on: signing again is no event',
  },
  {
    ...row(
      'nonces that may be used once, under concurrent polls',
      ['nonce changed under concurrency'],
      { exit: 0 },
      (played) => playNonces(played, { usesPerNonce: 1, replyDelayMs: 100 }),
    ),
    injected:
      'a slow simulator whose nonces may sign one request each, and twelve migrations polled once a second',
    recovers: 'goes on: challenge and signed request go in pairs',
  },
];
