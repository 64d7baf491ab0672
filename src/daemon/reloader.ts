import type { CredentialsResult } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import { monotonicNow } from './clock.ts';
import type { SessionSettings } from './session.ts';

/** The settings as they are now on disk and in the environment, or everything that is wrong with them. */
export type LoadResult =
  | { readonly ok: true; readonly settings: SessionSettings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface ReloaderOptions {
  readonly load: () => Promise<LoadResult>;
  /** Reads the credentials alone, from where a configuration says. */
  readonly loadCredentials: (config: Config) => Promise<CredentialsResult>;
  readonly current: () => SessionSettings;
  readonly apply: (settings: SessionSettings) => TargetChanges;
  readonly emit: Emit;
  readonly now: () => number;
}

export interface Reloader {
  /** Loads the settings and goes on with them where they are valid; says which it was. */
  reload(): Promise<void>;
  /** Does the same after the file has changed, and says nothing where that was taken over already. */
  followFile(): Promise<void>;
  /**
   * Reads the credentials alone, whatever has become of the configuration file, and goes on with them where they are
   * others now. Says once why they cannot be read, and else nothing.
   */
  refreshCredentials(): Promise<void>;
  /** Takes over nothing any more, not even what is being loaded. */
  stop(): void;
}

/** A refusal of many polls at once is one reason to read the files again. */
const refreshAtMostEveryMs = 5_000;

/** Takes over other settings while the daemon runs, one load after the other: first read, and then, if valid, used. */
export function createReloader(options: ReloaderOptions): Reloader {
  const { load, loadCredentials, current, apply, emit, now } = options;
  let last: Promise<void> = Promise.resolve();
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let rejected: string | undefined;
  let unreadable: string | undefined;
  const started = current().config;

  function inTurn<Result>(read: () => Promise<Result>, use: (result: Result) => void): Promise<void> {
    last = readAfter(last, read, use);
    return last;
  }

  async function readAfter<Result>(
    former: Promise<void>,
    read: () => Promise<Result>,
    use: (result: Result) => void,
  ): Promise<void> {
    await former;
    const result = stopped ? undefined : await read();
    if (result !== undefined && !stopped) use(result);
  }

  function reject(problems: readonly string[]): void {
    emit(buildEvent('watcher.config_rejected', { problems: [...problems] }, now()));
  }

  function take({ settings, warnings }: Extract<LoadResult, { ok: true }>): void {
    const former = current();
    const needsRestart = restartKeys(started, settings.config);
    const { added, removed, changed } = apply(settings);
    const fields = {
      added: [...added],
      removed: [...removed],
      changed: [...changed],
      ...(credentialsDiffer(former, settings) && { credentialsChanged: true as const }),
      ...(needsRestart.length > 0 && { needsRestart }),
      ...(warnings.length > 0 && { warnings: [...warnings] }),
    };
    emit(buildEvent('watcher.config_reloaded', fields, now()));
  }

  return {
    reload: () =>
      inTurn(load, (result) => {
        rejected = result.ok ? undefined : result.problems.join('\n');
        if (result.ok) take(result);
        else reject(result.problems);
      }),
    followFile: () =>
      inTurn(load, (result) => {
        const former = rejected;
        rejected = result.ok ? undefined : result.problems.join('\n');
        if (!result.ok && rejected !== former) reject(result.problems);
        if (result.ok && (former !== undefined || differ(current(), result.settings))) take(result);
      }),
    refreshCredentials: () => {
      if (monotonicNow() - refreshedAt < refreshAtMostEveryMs) return last;
      refreshedAt = monotonicNow();
      return inTurn(
        () => loadCredentials(current().config),
        (result) => {
          const former = unreadable;
          unreadable = result.ok ? undefined : result.problems.join('\n');
          if (!result.ok) {
            if (unreadable !== former) reject(result.problems);
            return;
          }
          const settings = { config: current().config, credentials: result.credentials };
          if (credentialsDiffer(current(), settings)) take({ ok: true, settings, warnings: result.warnings });
        },
      );
    },
    stop: () => {
      stopped = true;
    },
  };
}

function differ(one: SessionSettings, other: SessionSettings): boolean {
  return JSON.stringify(one.config) !== JSON.stringify(other.config) || credentialsDiffer(one, other);
}

function credentialsDiffer(
  { credentials: one }: SessionSettings,
  { credentials: other }: SessionSettings,
): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}

/** Returns what has changed of that which is opened once, at the start. */
function restartKeys(former: Config, next: Config): string[] {
  const before = openedAtStart(former);
  return [...openedAtStart(next)].filter(([key, value]) => before.get(key) !== value).map(([key]) => key);
}

function openedAtStart({ state, http, log }: Config): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['state.path', state.path],
    ['http.listen', http.listen],
    ['log.level', log.level],
    ['log.format', log.format],
  ]);
}
