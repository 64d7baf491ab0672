import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { start, temporaryFolder, writeConfig } from './program.ts';

/** A server that takes connections and never says a word. */
async function startSilence(): Promise<{ baseUrl: string; connected: Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    resolve();
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { baseUrl: `http://127.0.0.1:${address.port}`, connected: promise };
}

test('SIGTERM during a poll that is never answered ends the watcher with 0 in under six seconds', async () => {
  const silence = await startSilence();
  const config = configFor(silence.baseUrl);
  const atlas = { ...config.atlas, requestTimeout: '60s', pollTimeout: '60s' };
  const program = start(['run', '-c', writeConfig(temporaryFolder(), { ...config, atlas })]);
  await silence.connected;
  const { code, elapsedMs } = await program.end();
  expect(code).toBe(0);
  expect(elapsedMs).toBeLessThan(6_000);
  expect(program.events.map(({ event }) => event)).toEqual([
    'watcher.started',
    'watcher.stopping',
    'watcher.stopped',
  ]);
});

test('a second signal ends the watcher at once', async () => {
  const silence = await startSilence();
  const config = configFor(silence.baseUrl);
  const atlas = { ...config.atlas, requestTimeout: '60s', pollTimeout: '60s' };
  const program = start(['run', '-c', writeConfig(temporaryFolder(), { ...config, atlas })]);
  await silence.connected;
  program.child.kill('SIGTERM');
  await program.until(({ event }) => event === 'watcher.stopping');
  const { code, elapsedMs } = await program.end('SIGINT');
  expect(code).toBe(0);
  expect(elapsedMs).toBeLessThan(1_000);
});

test('a poll under way at SIGTERM is finished and its events are written', async () => {
  const atlas = await startAtlas({ replyDelayMs: 400 });
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  const program = start(['run', '-c', writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl))]);
  await program.until(({ event }) => event === 'watcher.started');
  const { code } = await program.end();
  expect(code).toBe(0);
  expect(program.events.map(({ event }) => event)).toEqual([
    'watcher.started',
    'watcher.stopping',
    'migration.first_seen',
    'migration.ready_for_cutover',
    'watcher.stopped',
  ]);
});

test('a reader of standard output that goes away ends the watcher cleanly, and nothing is lost', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING' });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl));
  const program = start(['run', '-c', file]);
  await program.until(({ event }) => event === 'migration.first_seen');
  program.child.stdout?.destroy();
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  expect(await program.ended).toEqual({ code: 0, signal: null });
  const next = start(['run', '-c', file, '--once']);
  await next.ended;
  expect(next.events.filter(({ event }) => event === 'migration.ready_for_cutover')).toHaveLength(1);
});
