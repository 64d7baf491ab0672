import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readStream } from '../server/stream-reader.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { runToEnd, start, temporaryFolder, writeConfig } from './program.ts';
import { startServed } from './served-program.ts';

test('a stream gets every event as it is written, and resumes where it was after a restart', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const first = await startServed(configFor(atlas.simulator.baseUrl));
  await first.program.until(({ event }) => event === 'migration.first_seen');
  const reader = await readStream(first.origin);
  atlas.say(0, { status: 'WORKING', lagTimeSeconds: 60 });
  const changed = await reader.until(({ data }) => data.event === 'migration.status_changed');
  expect(changed.data).toEqual(
    await first.program.until(({ event }) => event === 'migration.status_changed'),
  );
  expect(changed.id).toBe(changed.data.eventId);
  await reader.until(({ type, data }) => type === 'migration' && data.lagTimeSeconds === 60);
  const ending = await first.program.end();
  expect(ending).toMatchObject({ code: 0 });
  expect(ending.elapsedMs).toBeLessThan(6_000);
  await reader.ended;
  expect(reader.messages.at(-1)?.data).toMatchObject({ event: 'watcher.stopped' });

  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 2 });
  const second = start(['run', '-c', first.file]);
  const { httpAddress: origin } = await second.until(({ event }) => event === 'watcher.started');
  await second.until(({ event }) => event === 'migration.ready_for_cutover');
  const back = await readStream(String(origin), { 'last-event-id': String(changed.id) });
  await back.until(({ type }) => type === 'watcher');
  expect(back.messages[0]?.data.event).toBe('migration.ready_for_cutover');
  expect((await second.end()).code).toBe(0);
});

test('clients that do not read, and requests that do not end, do not delay a stop', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const { program, origin } = await startServed(configFor(atlas.simulator.baseUrl));
  const { hostname, port } = new URL(origin);
  for (const text of ['GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n', 'GET /livez HT', '']) {
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    socket.pause();
  }
  await program.until(({ event }) => event === 'migration.first_seen');
  const { code, elapsedMs } = await program.end();
  expect(code).toBe(0);
  expect(elapsedMs).toBeLessThan(6_000);
});

test('connections that send nothing hold up no poll, and a probe only until they are closed', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const { program, origin, ask } = await startServed(configFor(atlas.simulator.baseUrl));
  await program.until(({ event }) => event === 'migration.first_seen');
  const { hostname, port } = new URL(origin);
  const sockets = Array.from({ length: 300 }, () =>
    connect(Number(port), hostname)
      .on('error', () => {})
      .resume(),
  );
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await expect.poll(() => sockets.every(({ connecting }) => !connecting)).toBe(true);
  atlas.say(0, { status: 'WORKING' });
  await program.until(({ event }) => event === 'migration.status_changed');
  const probe = async () => (await ask('/livez').catch(() => undefined))?.status;
  await expect.poll(probe, { timeout: 10_000, interval: 250 }).toBe(200);
  expect((await program.end()).code).toBe(0);
});

test('a port that is taken ends the program with 69 and a sentence, before anything is watched', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const first = await startServed(configFor(atlas.simulator.baseUrl));
  const listen = new URL(first.origin).host;
  const folder = temporaryFolder();
  const file = writeConfig(folder, { ...configFor(atlas.simulator.baseUrl), http: { listen } });
  expect(await runToEnd(['run', '-c', file])).toEqual({
    code: 69,
    events: [],
    stdout: '',
    stderr: `${file}: http.listen is "${listen}", but that port is taken, perhaps by another cutover-watch. Give another address there, such as 127.0.0.1:9465, or false for no server.\n`,
  });
  // One round does not serve, so that it can be run beside a daemon.
  expect((await runToEnd(['run', '--once', '-c', file])).code).toBe(0);
});

test.each([
  ['192.0.2.1:9464', 'but this machine has no such address'],
  ['nowhere.invalid:9464', 'but that name has no address'],
])('an address %s that it cannot listen at is reported in a sentence', async (listen, clause) => {
  const config = { ...configFor('http://127.0.0.1:1'), http: { listen } };
  const { code, stderr } = await runToEnd(['run', '-c', writeConfig(temporaryFolder(), config)]);
  expect(code).toBe(69);
  expect(stderr).toContain(`http.listen is "${listen}", ${clause}.`);
});
