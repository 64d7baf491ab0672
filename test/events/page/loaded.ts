import { loadConfig } from '../../../src/config/load.ts';
import { noNotifications } from '../../../src/config/notification-secrets.ts';
import { memory } from '../../../src/config/state-settings.ts';
import type { LoadResult } from '../../../src/daemon/reloader.ts';
import type { SessionSettings } from '../../../src/daemon/session.ts';

export const credentials = { type: 'apiKey', publicKey: 'abcdefgh', privateKey: 'not-a-real-key' } as const;

/** Loads a configuration with this content and the state in memory. */
export async function load(content: object): Promise<LoadResult> {
  const text = JSON.stringify({ state: { path: ':memory:' }, ...content });
  const result = await loadConfig({
    file: 'cutover-watch.yaml',
    env: {},
    readFile: () => Promise.resolve(text),
  });
  if (!result.ok) return result;
  return {
    ok: true,
    settings: { config: result.config, credentials, notifications: noNotifications, state: memory },
    warnings: [],
  };
}

/** Returns the settings that were loaded. Throws where they are not valid. */
export function settingsOf(result: LoadResult): SessionSettings {
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.settings;
}
