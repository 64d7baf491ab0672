import type { Config } from '../config/schema.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { TargetChanges } from '../watch/target-changes.ts';
import { monotonicNow } from './clock.ts';
import type { WatchSettings } from './watching.ts';

/** The settings as they are now on disk and in the environment, or everything that is wrong with them. */
export type LoadResult =
  | { readonly ok: true; readonly settings: WatchSettings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface ReloaderOptions {
  readonly load: () => Promise<LoadResult>;
  readonly current: () => WatchSettings;
  readonly apply: (settings: WatchSettings) => TargetChanges;
  readonly emit: Emit;
  readonly now: () => number;
}

export interface Reloader {
  /** Loads the settings and goes on with them where they are valid; says which it was. */
  reload(): Promise<void>;
  /** Does the same after the file has changed, and says nothing where that was taken over already. */
  followFile(): Promise<void>;
  /** Looks whether the credentials are others now, and reloads then; else says nothing. */
  refreshCredentials(): Promise<void>;
  /** Takes over nothing any more, not even what is being loaded. */
  stop(): void;
}

/** A refusal of many polls at once is one reason to read the files again. */
const refreshAtMostEveryMs = 5_000;

/** Takes over other settings while the daemon runs, one load after the other: first read, and then, if valid, used. */
export function createReloader({ load, current, apply, emit, now }: ReloaderOptions): Reloader {
  let last: Promise<void> = Promise.resolve();
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let rejected: string | undefined;
  const started = current().config;

  const inTurn = (use: (result: LoadResult) => void): Promise<void> => {
    last = loadAfter(last, use);
    return last;
  };

  async function loadAfter(former: Promise<void>, use: (result: LoadResult) => void): Promise<void> {
    await former;
    const result = stopped ? undefined : await load();
    if (result !== undefined && !stopped) use(result);
  }

  function reject(problems: readonly string[]): void {
    rejected = problems.join('\n');
    emit(buildEvent('watcher.config_rejected', { problems: [...problems] }, now()));
  }

  function take({ settings, warnings }: Extract<LoadResult, { ok: true }>): void {
    const former = current();
    rejected = undefined;
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
    reload: () => inTurn((result) => (result.ok ? take(result) : reject(result.problems))),
    followFile: () =>
      inTurn((result) => {
        if (!result.ok && result.problems.join('\n') !== rejected) reject(result.problems);
        if (result.ok && (rejected !== undefined || differ(current(), result.settings))) take(result);
      }),
    refreshCredentials: () => {
      if (monotonicNow() - refreshedAt < refreshAtMostEveryMs) return last;
      refreshedAt = monotonicNow();
      return inTurn((result) => {
        if (result.ok && credentialsDiffer(current(), result.settings)) take(result);
      });
    },
    stop: () => {
      stopped = true;
    },
  };
}

function differ(one: WatchSettings, other: WatchSettings): boolean {
  return JSON.stringify(one.config) !== JSON.stringify(other.config) || credentialsDiffer(one, other);
}

function credentialsDiffer(
  { credentials: one }: WatchSettings,
  { credentials: other }: WatchSettings,
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
