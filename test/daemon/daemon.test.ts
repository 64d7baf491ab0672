import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runDaemon } from '../../src/daemon/daemon.ts';
import { IncludeReader } from '../../src/daemon/included-files.ts';
import { Session } from '../../src/daemon/session.ts';
import type { StopReason } from '../../src/daemon/signals.ts';
import { ServiceManager } from '../../src/daemon/systemd/service-manager.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';
import { orders, targetOf } from '../watch/sample-migrations.ts';
import { settingsOf, startAtlas } from './session-harness.ts';

it('a reload that a stop overtakes polls nothing, and its connection is closed', async () => {
  const { baseUrl, requests } = await startAtlas();
  const settings = await settingsOf({ baseUrl, migrations: [orders] });
  const next = await settingsOf({
    baseUrl,
    migrations: [orders, targetOf(1)],
    privateKey: 'another-private-key',
  });
  const { promise: reason, resolve: request } = Promise.withResolvers<StopReason>();
  const { promise: reloadOf, resolve: onRequest } = Promise.withResolvers<() => void>();
  const lines: string[] = [];
  const file = join(temporaryDirectory(), 'watch.yaml');
  writeFileSync(file, '');
  const openSession = Session.open.bind(Session);
  const open = vi.spyOn(Session, 'open');
  const stop = vi.spyOn(Session.prototype, 'stop');
  onTestFinished(() => {
    open.mockRestore();
    stop.mockRestore();
  });
  const end = runDaemon({
    settings: {
      ...settings,
      config: { ...settings.config, http: { ...settings.config.http, listen: false } },
    },
    reloading: {
      file,
      content: '',
      included: new IncludeReader(file),
      load: () => Promise.resolve({ ok: true, settings: next, warnings: [] }),
      loadCredentials: () => Promise.reject(new Error('Nothing is refused here.')),
      requests: { onRequest, release: () => {} },
    },
    redactor: new Redactor(),
    output: {
      write: (line) => lines.push(line) > 0,
      whenClosed: new Promise(() => {}),
      onRetry: () => {},
    },
    say: () => {},
    stop: { reason, request, fault: undefined, release: () => {} },
    version: 'test',
    once: false,
    exitWhenSettled: false,
  });
  const reload = await reloadOf;
  await expect.poll(() => lines.join('')).toContain('migration.first_seen');
  const { promise: opened, resolve: proceed } = Promise.withResolvers<void>();
  open.mockImplementationOnce(async (...wanted) => {
    await opened;
    return await openSession(...wanted);
  });
  reload();
  await expect.poll(() => open.mock.calls.length).toBe(2);
  request({ text: 'the test' });
  await expect.poll(() => lines.join('')).toContain('watcher.stopping');
  proceed();
  await end;
  expect(requests).toEqual([orders.liveMigrationId]);
  expect(stop.mock.contexts).toEqual([await open.mock.results[1]?.value]);
  expect(lines.join('')).not.toContain('config_reloaded');
});

it('an error after the server has started ends the daemon and closes the server', async () => {
  const { baseUrl } = await startAtlas();
  const { config, ...secrets } = await settingsOf({ baseUrl, migrations: [orders] });
  const { promise: reason, resolve: request } = Promise.withResolvers<StopReason>();
  const lines: string[] = [];
  const fault = new Error('an error of the test');
  const serviceManager = new ServiceManager({
    send: () => {
      throw fault;
    },
    watchdogMs: undefined,
    monotonic: () => 0,
    onFailure: () => {},
  });
  vi.spyOn(serviceManager, 'stopping').mockImplementation(() => {});
  const end = await runDaemon({
    settings: { config: { ...config, http: { ...config.http, listen: '127.0.0.1:0' } }, ...secrets },
    redactor: new Redactor(),
    output: { write: (line) => lines.push(line) > 0, whenClosed: new Promise(() => {}), onRetry: () => {} },
    say: () => {},
    stop: { reason, request, fault: undefined, release: () => {} },
    serviceManager,
    version: 'test',
    once: false,
    exitWhenSettled: false,
  });
  expect(end.reason.fault).toBe(fault);
  const events = lines.map((line) => JSON.parse(line) as { event: string; httpAddress?: string });
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['watcher.started', 'watcher.stopping', 'watcher.stopped']),
  );
  const { httpAddress = '' } = events.find(({ event }) => event === 'watcher.started') ?? {};
  await expect(fetch(`${httpAddress}/livez`)).rejects.toThrow('fetch failed');
});
