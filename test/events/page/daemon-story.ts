import { runDaemon } from '../../../src/daemon/daemon.ts';
import { Reloader } from '../../../src/daemon/reloader.ts';
import type { StopReason } from '../../../src/daemon/signals.ts';
import type { StandardOutput } from '../../../src/daemon/stdout.ts';
import type { Emit, LineOutput } from '../../../src/events/emitter.ts';
import { buildEvent } from '../../../src/events/event-record.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { targetChanges } from '../../../src/watch/migration/target.ts';
import { credentials, load, settingsOf } from './loaded.ts';

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
  const reloader = new Reloader({
    load: () => load(contents.shift() ?? {}),
    loadCredentials: () => Promise.reject(new Error('Nothing is refused here.')),
    current: () => settings,
    apply: (next) => {
      const changes = targetChanges(settings.config.migrations, next.config.migrations);
      settings = next;
      return Promise.resolve(changes);
    },
    onReloaded: (fields) => emit(buildEvent('watcher.config_reloaded', fields, Date.now())),
    onRejected: (problems) =>
      emit(buildEvent('watcher.config_rejected', { problems: [...problems] }, Date.now())),
    monotonic: () => performance.now(),
  });
  await reloader.reload('signal');
  await reloader.reload('signal');
}

function keptOpen(output: LineOutput): StandardOutput {
  return {
    write: (line) => output.write(line),
    whenClosed: new Promise(() => {}),
    onRetry: () => {},
  };
}
