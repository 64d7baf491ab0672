import { expect, onTestFinished, test, vi } from 'vitest';
import type { AtlasCredentials, CredentialsResult } from '../../src/config/credentials.ts';
import { loadConfig } from '../../src/config/load.ts';
import { noNotifications } from '../../src/config/notification-secrets.ts';
import { memory } from '../../src/config/state-settings.ts';
import { type LoadResult, Reloader } from '../../src/daemon/reloader.ts';
import type { SessionSettings } from '../../src/daemon/session.ts';
import type { EventFields } from '../../src/events/catalogue.ts';
import { StateError } from '../../src/state/store.ts';
import type { TargetChanges } from '../../src/watch/migration/target.ts';
import { ID } from '../atlas/connect.ts';

const invalid: LoadResult = { ok: false, problems: ['watch.yaml: nonsense.'] };
const missing: CredentialsResult = { ok: false, problems: ['The private key file is missing.'] };
const sources = { identity: 'here', secret: 'there' };
const keys = (privateKey: string): AtlasCredentials => ({
  type: 'apiKey',
  publicKey: 'abcdefgh',
  privateKey,
});
const readable = (privateKey: string): CredentialsResult => ({
  ok: true,
  credentials: keys(privateKey),
  sources,
  warnings: [],
});

/** What the reloader reported, in order. */
type Report =
  | { readonly reloaded: EventFields['watcher.config_reloaded'] }
  | { readonly rejected: readonly string[] };

/** A reloader whose files can be changed, and what it reports. */
async function reloading() {
  const text = JSON.stringify({ state: { path: ':memory:' }, migrations: [ID] });
  const loaded = await loadConfig({ file: 'watch.yaml', env: {}, readFile: () => Promise.resolve(text) });
  if (!loaded.ok) throw new Error(loaded.problems.join(' '));
  let settings: SessionSettings = {
    config: loaded.config,
    credentials: keys('old'),
    notifications: noNotifications,
    state: memory,
  };
  let now = 0;
  const files: { config: LoadResult | Promise<LoadResult>; credentials: CredentialsResult } = {
    config: valid(settings),
    credentials: readable('old'),
  };
  const loads = { configuration: 0, credentials: 0, atOnce: 0, mostAtOnce: 0 };
  const store: { fault?: Error; opened?: Promise<void> } = {};
  const reports: Report[] = [];
  const load = async <Result>(
    part: 'configuration' | 'credentials',
    result: () => Result | Promise<Result>,
  ): Promise<Result> => {
    loads[part] += 1;
    loads.atOnce += 1;
    loads.mostAtOnce = Math.max(loads.mostAtOnce, loads.atOnce);
    await Promise.resolve();
    loads.atOnce -= 1;
    return await result();
  };
  const reloader = new Reloader({
    load: () => load('configuration', () => files.config),
    loadCredentials: () => load('credentials', () => files.credentials),
    current: () => settings,
    apply: async (next): Promise<TargetChanges> => {
      if (store.fault !== undefined) throw store.fault;
      await (store.opened ?? Promise.resolve());
      settings = next;
      return { added: ['a'], removed: [], changed: [] };
    },
    onReloaded: (reloaded) => reports.push({ reloaded }),
    onRejected: (rejected) => reports.push({ rejected }),
    monotonic: () => now,
  });
  const refused = async (afterMs = 6_000): Promise<void> => {
    now += afterMs;
    await reloader.refreshCredentials();
  };
  return { reloader, files, loads, store, reports, refused, inUse: () => settings };
}

function valid(settings: SessionSettings, warnings: readonly string[] = []): LoadResult {
  return { ok: true, settings, warnings };
}

/** Returns settings with other values below the keys of the configuration. */
function changed(settings: SessionSettings, change: Partial<SessionSettings['config']>): SessionSettings {
  return { ...settings, config: { ...settings.config, ...change } };
}

test('a rotated key is used although the configuration file is not valid', async () => {
  const { reloader, files, reports, refused, inUse } = await reloading();
  files.config = invalid;
  await reloader.reload('file');
  files.credentials = readable('new');
  await refused();
  await refused();
  expect(reports).toMatchObject([
    { rejected: ['watch.yaml: nonsense.'] },
    { reloaded: { credentialsChanged: true } },
  ]);
  expect(inUse().credentials).toEqual(keys('new'));
  expect(reloader.isCurrent).toBe(false);

  files.config = valid(inUse());
  await reloader.reload('file');
  expect(reports.at(-1)).toMatchObject({ reloaded: { added: ['a'] } });
  expect(reports).toHaveLength(3);
  expect(reloader.isCurrent).toBe(true);
});

test('a key that cannot be read after a refusal is reported once, until it can', async () => {
  const { files, reports, refused } = await reloading();
  files.credentials = missing;
  await refused();
  await refused();
  expect(reports).toEqual([{ rejected: ['The private key file is missing.'] }]);
  files.credentials = readable('old');
  await refused();
  expect(reports).toHaveLength(1);
  files.credentials = missing;
  await refused();
  expect(reports).toHaveLength(2);
});

test('refusals of many polls within 5 s are one reason to read the credentials', async () => {
  const { loads, refused } = await reloading();
  for (const afterMs of [0, 0, 1_000, 3_900]) await refused(afterMs);
  expect(loads.credentials).toBe(1);
  await refused(100);
  expect(loads.credentials).toBe(2);
});

test.each([
  { rule: 'a signal is answered also where nothing differs', cause: 'signal', times: 2, reports: 2 },
  { rule: 'a file that is written as it was changes nothing', cause: 'file', times: 2, reports: 0 },
] as const)('$rule', async ({ cause, times, reports: expected }) => {
  const { reloader, reports } = await reloading();
  for (let n = 0; n < times; n += 1) await reloader.reload(cause);
  expect(reports).toHaveLength(expected);
});

test.each([
  { rule: 'a signal is answered each time', cause: 'signal', reports: 2 },
  { rule: 'a changed file is reported once', cause: 'file', reports: 1 },
] as const)('of the same problems, $rule', async ({ cause, reports: expected }) => {
  const { reloader, files, reports } = await reloading();
  files.config = invalid;
  await reloader.reload(cause);
  await reloader.reload(cause);
  expect(reports).toHaveLength(expected);
});

test('a state file that cannot be read rejects the settings, and those before stay in use', async () => {
  const { reloader, files, store, reports, inUse } = await reloading();
  const former = inUse();
  const next = changed(former, { watch: { ...former.config.watch, heartbeat: 1_000 } });
  files.config = valid(next);
  store.fault = new StateError('The state file state.db is locked.');
  await reloader.reload('file');
  expect(reports).toEqual([{ rejected: ['The state file state.db is locked.'] }]);
  expect([inUse(), reloader.isCurrent]).toEqual([former, false]);
  delete store.fault;
  await reloader.reload('signal');
  expect(reports.at(-1)).toMatchObject({ reloaded: { added: ['a'] } });
  expect([inUse(), reloader.isCurrent]).toEqual([next, true]);
});

test('a mistake of the program is not taken for a problem of the settings', async () => {
  const { reloader, store, reports } = await reloading();
  store.fault = new TypeError('bug');
  await expect(reloader.reload('signal')).rejects.toThrow('bug');
  expect(reports).toEqual([]);
});

test('what is opened at the start needs a restart, until it is as it was', async () => {
  const { reloader, files, reports, inUse } = await reloading();
  const { http, log } = inUse().config;
  const former = inUse();
  const next = changed(former, { http: { ...http, listen: false }, log: { ...log, level: 'warn' } });
  const state = { kind: 'database', url: 'postgresql://u:hush@h/d', leaseMs: 30_000 } as const;
  files.config = valid({ ...next, state });
  await reloader.reload('file');
  await reloader.reload('signal');
  files.config = valid(former, ['The private key file can be read by others.']);
  await reloader.reload('file');
  const needsRestart = ['state.path', 'state.urlFile', 'state.lease', 'http.listen', 'log.level'];
  expect(reports).toMatchObject([
    { reloaded: { needsRestart } },
    { reloaded: { needsRestart } },
    { reloaded: { warnings: ['The private key file can be read by others.'] } },
  ]);
  expect(reports.at(-1)).not.toHaveProperty('reloaded.needsRestart');
});

test('settings are loaded one after the other, and not used once the reloader is stopped', async () => {
  const { reloader, files, loads, reports, inUse } = await reloading();
  await Promise.all([reloader.reload('signal'), reloader.reload('signal'), reloader.refreshCredentials()]);
  expect([loads.mostAtOnce, reports.length]).toEqual([1, 2]);
  const former = inUse();
  files.config = valid(changed(former, { watch: { ...former.config.watch, heartbeat: 1_000 } }));
  const loading = reloader.reload('signal');
  void reloader.stop();
  await loading;
  await reloader.reload('signal');
  expect([inUse(), reports.length]).toEqual([former, 2]);
});

test.each([true, false])(
  'a stop waits for settings that are being applied, and nothing is reported of them, used: %s',
  async (used) => {
    const { reloader, files, store, reports, inUse } = await reloading();
    const next = changed(inUse(), { watch: { ...inUse().config.watch, heartbeat: 1_000 } });
    files.config = valid(next);
    const applying = Promise.withResolvers<void>();
    store.opened = applying.promise;
    const reload = reloader.reload('signal');
    await new Promise(setImmediate);
    const stopped = Promise.resolve(reloader.stop()).then(() => inUse());
    if (used) applying.resolve();
    else applying.reject(new StateError('The database does not answer in time.'));
    expect((await stopped) === next).toBe(used);
    expect([await reload, reports]).toEqual([undefined, []]);
  },
);

test('a stop does not wait for files that are being read', async () => {
  const { reloader, files, reports, inUse } = await reloading();
  const former = inUse();
  const { promise, resolve } = Promise.withResolvers<LoadResult>();
  files.config = promise;
  const reload = reloader.reload('signal');
  await new Promise(setImmediate);
  await reloader.stop();
  resolve(valid(changed(former, { watch: { ...former.config.watch, heartbeat: 1_000 } })));
  await reload;
  expect([inUse(), reports]).toEqual([former, []]);
});

test('the settings are current unless the file or the credentials that were last read are invalid', async () => {
  const { reloader, files, refused, inUse } = await reloading();
  expect(reloader.isCurrent).toBe(true);
  files.config = invalid;
  await reloader.reload('file');
  expect(reloader.isCurrent).toBe(false);
  // New credentials alone do not make the file valid.
  files.credentials = readable('new');
  await refused();
  expect(reloader.isCurrent).toBe(false);

  files.config = valid(inUse());
  await reloader.reload('file');
  expect(reloader.isCurrent).toBe(true);
  files.credentials = missing;
  await refused();
  expect(reloader.isCurrent).toBe(false);
  files.credentials = readable('new');
  await refused();
  expect(reloader.isCurrent).toBe(true);
  files.credentials = missing;
  await refused();
  await reloader.reload('file');
  expect(reloader.isCurrent).toBe(true);
});

test('a state file that could not be read is tried again every 10 s, until it can or the reloader is stopped', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { reloader, loads, store, reports } = await reloading();
  store.fault = new StateError('The state file state.db is locked.');
  await reloader.reload('signal');
  await vi.advanceTimersByTimeAsync(20_000);
  expect([loads.configuration, reports.length]).toEqual([3, 1]);
  delete store.fault;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reports.at(-1)).toMatchObject({ reloaded: { added: ['a'] } });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(loads.configuration).toBe(4);

  store.fault = new StateError('The state file state.db is locked.');
  await reloader.reload('signal');
  await reloader.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(loads.configuration).toBe(5);
});

test('another receiver is a reason to use the settings, and new credentials leave the receivers as they are', async () => {
  const { reloader, files, reports, refused, inUse } = await reloading();
  const ping = { url: 'https://example.com/', token: undefined, every: 60_000, proxy: undefined };
  const notifications = { sinks: [], ping };
  files.config = valid({ ...inUse(), notifications });
  await reloader.reload('file');
  await reloader.reload('file');
  expect([reports.length, inUse().notifications]).toEqual([1, notifications]);
  files.credentials = readable('new');
  await refused();
  expect(inUse()).toMatchObject({ credentials: keys('new'), notifications });
});
