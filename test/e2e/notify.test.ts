import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { receiveNotifications } from './notify-receiver.ts';
import { keyInEnvironment, start, temporaryFolder, writeConfig } from './program.ts';

const patience = { interval: 20 };
const statuses = (received: readonly string[]) => received.filter((message) => message.startsWith('STATUS='));
const beats = (received: readonly string[]) => received.filter((message) => message === 'WATCHDOG=1');

test('a service manager hears of start, status, life, reload and stop, in this order', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: false });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const address = join(folder, 'notify');
  const received = receiveNotifications(address);
  const env = { ...keyInEnvironment(), NOTIFY_SOCKET: address, WATCHDOG_USEC: '800000' };
  const program = start(['run', '-c', file], env);

  await expect
    .poll(() => statuses(received), patience)
    .toContain('STATUS=Nothing is ready for cutover. All read within the last 30 s.');
  expect(received[0]).toBe('READY=1');
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  await expect
    .poll(() => statuses(received).at(-1), patience)
    .toMatch(/^STATUS=Cut over m0 within (5 d|4 d 23 h)\./);
  await expect.poll(() => beats(received).length, patience).toBeGreaterThan(2);

  const before = received.length;
  program.child.kill('SIGHUP');
  await program.until(({ event }) => event === 'watcher.config_reloaded');
  await expect.poll(() => received.slice(before), patience).toContain('READY=1');
  const reload = received.slice(before).filter((message) => /READY|RELOADING/.test(message));
  expect(reload).toEqual([expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d+$/), 'READY=1']);

  writeFileSync(file, 'migrations: []\n');
  program.child.kill('SIGHUP');
  await program.until(({ event }) => event === 'watcher.config_rejected');
  await expect.poll(() => received.filter((message) => message === 'READY=1'), patience).toHaveLength(3);

  expect(await program.end()).toMatchObject({ code: 0 });
  await expect.poll(() => received.at(-1), patience).toBe('STOPPING=1\nSTATUS=Stopping: received SIGTERM');
  expect(program.stderr).toBe('');
});

test('a name in the abstract namespace is a service manager too, and no watchdog is one for another process', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const address = `@${folder}/notify`;
  const received = receiveNotifications(address);
  const env = { ...keyInEnvironment(), NOTIFY_SOCKET: address, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' };
  const program = start(['run', '-c', file], env);
  await expect
    .poll(() => statuses(received), patience)
    .toContain('STATUS=Nothing is ready for cutover. All read within the last 30 s.');
  expect((await program.end()).code).toBe(0);
  expect(beats(received)).toEqual([]);
});

const withoutKoffi = `--import=data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
  registerHooks({ resolve(name, context, next) {
    if (name === 'koffi') throw new Error("Cannot find package 'koffi'");
    return next(name, context);
  } });`,
)}`;

test.each([
  [
    'koffi is not installed',
    { NODE_OPTIONS: withoutKoffi, NOTIFY_SOCKET: '/run/nobody' },
    /^The service manager cannot be notified at \$NOTIFY_SOCKET \(\/run\/nobody\): the optional package koffi cannot be loaded \(Cannot find package 'koffi'\)\. .+ Type=exec .+\n$/,
  ],
  [
    'the address is of a kind it does not know',
    { NOTIFY_SOCKET: 'vsock:2:1234' },
    /^The service manager cannot be notified at \$NOTIFY_SOCKET \(vsock:2:1234\): it is neither .+\n$/,
  ],
  [
    'nobody listens there',
    { NOTIFY_SOCKET: '/nonexistent/notify' },
    /^The service manager does not accept notifications at \$NOTIFY_SOCKET \(\/nonexistent\/notify\): ENOENT\. .+\n$/,
  ],
])('watching goes on, and one sentence says why, when %s', async (_, env, sentence) => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl));
  const program = start(['run', '-c', file], { ...keyInEnvironment(), ...env });
  await program.until(({ event }) => event === 'migration.first_seen');
  expect((await program.end()).code).toBe(0);
  expect(program.stderr).toMatch(sentence);
});
