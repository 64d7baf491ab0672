import { loadConfig } from '../../../src/config/load.ts';
import { runDaemon } from '../../../src/daemon/daemon.ts';
import { createReloader, type LoadResult } from '../../../src/daemon/reloader.ts';
import type { SessionSettings } from '../../../src/daemon/session.ts';
import type { StopReason } from '../../../src/daemon/signals.ts';
import type { StandardOutput } from '../../../src/daemon/stdout.ts';
import type { Emit, LineOutput } from '../../../src/events/emitter.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { targetChanges } from '../../../src/watch/migration/target.ts';

const credentials = { type: 'apiKey', publicKey: 'abcdefgh', privateKey: 'not-a-real-key' } as const;
const orders = {
  name: 'orders',
  groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
  liveMigrationId: '7e68e12770616e75e6df43d0',
};
const billing = { ...orders, name: 'billing', liveMigrationId: '7e68e12770616e75e6df43d1' };

/** One round of the daemon over a simulated Atlas. */
export async function playDaemon(output: LineOutput): Promise<void> {
  const simulator = await startSimulator({ credentials, migrations: new Map() });
  const { promise: reason, resolve: request } = Promise.withResolvers<StopReason>();
  try {
    await runDaemon({
      settings: settingsOf(await load({ atlas: { baseUrl: simulator.baseUrl }, migrations: [orders] })),
      redactor: new Redactor(),
      output: keptOpen(output),
      say: () => {},
      stop: { reason, request, fault: undefined, release: () => {} },
      version: '0.1.0',
      once: true,
      exitWhenSettled: false,
    });
  } finally {
    await simulator.close();
  }
}

/** A configuration that is reloaded twice: once with another migration, and once with mistakes. */
export async function playReloads(emit: Emit): Promise<void> {
  let settings = settingsOf(await load({ migrations: [orders] }));
  const contents = [
    { migrations: [{ ...orders, labels: { team: 'payments' } }, billing], log: { level: 'debug' } },
    { migrations: [{ ...orders, groupId: 'Orders' }], schedul: {} },
  ];
  const reloader = createReloader({
    load: () => load(contents.shift() ?? {}),
    loadCredentials: () => Promise.reject(new Error('Nothing is refused here.')),
    current: () => settings,
    apply: (next) => {
      const changes = targetChanges(settings.config.migrations, next.config.migrations);
      settings = next;
      return changes;
    },
    emit,
    now: () => Date.now(),
  });
  await reloader.reload();
  await reloader.reload();
}

async function load(content: object): Promise<LoadResult> {
  const text = JSON.stringify({ state: { path: ':memory:' }, ...content });
  const result = await loadConfig({
    file: 'cutover-watch.yaml',
    env: {},
    readFile: () => Promise.resolve(text),
  });
  if (!result.ok) return result;
  return { ok: true, settings: { config: result.config, credentials }, warnings: [] };
}

function settingsOf(result: LoadResult): SessionSettings {
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.settings;
}

function keptOpen(output: LineOutput): StandardOutput {
  return {
    closed: false,
    write: (line) => output.write(line),
    whenClosed: new Promise(() => {}),
    onWritable: () => {},
  };
}
