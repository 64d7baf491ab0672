import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AtlasCredentials, CredentialsResult } from '../../src/config/credentials.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createReloader, type LoadResult } from '../../src/daemon/reloader.ts';
import type { SessionSettings } from '../../src/daemon/session.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
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

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A reloader whose files can be changed, and what it says. */
async function reloading() {
  const text = JSON.stringify({ state: { path: ':memory:' }, migrations: [ID] });
  const loaded = await loadConfig({ file: 'watch.yaml', env: {}, readFile: () => Promise.resolve(text) });
  if (!loaded.ok) throw new Error(loaded.problems.join(' '));
  let settings: SessionSettings = { config: loaded.config, credentials: keys('old') };
  const files = { config: invalid, credentials: readable('old') };
  const events: EventRecord[] = [];
  const reloader = createReloader({
    load: () => Promise.resolve(files.config),
    loadCredentials: () => Promise.resolve(files.credentials),
    current: () => settings,
    apply: (next) => {
      settings = next;
      return { added: [], removed: [], changed: [] };
    },
    emit: (event) => events.push(event) > 0,
    now: Date.now,
  });
  const refused = async (): Promise<void> => {
    vi.advanceTimersByTime(6_000);
    await reloader.refreshCredentials();
  };
  return { reloader, files, events, refused, inUse: () => settings };
}

test('a rotated key is taken up while the configuration file is not valid', async () => {
  const { reloader, files, events, refused, inUse } = await reloading();
  await reloader.followFile();
  files.credentials = readable('new');
  await refused();
  await refused();
  expect(events).toMatchObject([
    { event: 'watcher.config_rejected', problems: invalid.problems },
    { event: 'watcher.config_reloaded', credentialsChanged: true },
  ]);
  expect(inUse().credentials).toEqual(keys('new'));

  const { config } = inUse();
  files.config = { ok: true, settings: { config, credentials: keys('new') }, warnings: [] };
  await reloader.followFile();
  expect(events.at(-1)).toMatchObject({ event: 'watcher.config_reloaded' });
  expect(events).toHaveLength(3);
});

test('a key that cannot be read after a refusal is told once, until it can', async () => {
  const { files, events, refused } = await reloading();
  files.credentials = missing;
  await refused();
  await refused();
  expect(events).toMatchObject([{ event: 'watcher.config_rejected', problems: missing.problems }]);
  files.credentials = readable('old');
  await refused();
  expect(events).toHaveLength(1);
  files.credentials = missing;
  await refused();
  expect(events).toHaveLength(2);
});
