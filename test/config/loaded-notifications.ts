import type { Environment } from '../../src/config/interpolate.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadNotifications } from '../../src/config/notification-secrets.ts';

type Files = Readonly<
  Record<string, { readonly text: string; readonly mode?: number } | { readonly code: string }>
>;

const migrations = [
  {
    groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
    liveMigrationId: '7e68e12770616e75e6df43d0',
    labels: { team: 'payments' },
  },
];
const events = {
  all: ['migration.completed', 'watcher.unreachable', 'watcher.heartbeat'],
  stored: ['migration.completed', 'watcher.unreachable'],
};
/** Returns a key of so many bytes. */
export const key = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
export const routingKey = '0123456789abcdef0123456789abcdef';
export const hook = 'https://hooks.example.com/s3cr3t';

/** Loads those who are notified by a configuration, with these files and variables. */
export async function load(content: object, files: Files = {}, given: Environment = {}) {
  const env = { HOME: '/h', ...given };
  const text = JSON.stringify({ migrations, ...content });
  const loaded = await loadConfig({ file: 'w.yaml', env, readFile: () => Promise.resolve(text) });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const open = (path: string) => {
    const file = files[path] ?? { code: 'ENOENT' };
    if ('code' in file) throw Object.assign(new Error(file.code), { code: file.code });
    return { text: file.text, mode: 0o100_000 | (file.mode ?? 0o400) };
  };
  return loadNotifications(loaded.config, {
    env,
    readFile: async (path) => open(path).text,
    stat: async (path) => open(path),
    origins: loaded.origins,
    events,
  });
}

/** As `load`; returns what is wrong. */
export async function problemsOf(...given: Parameters<typeof load>): Promise<readonly string[]> {
  const result = await load(...given);
  return result.ok ? [] : result.problems;
}
