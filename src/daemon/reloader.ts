import type { Config } from '../config/schema.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { TargetChanges } from '../watch/target-changes.ts';
import type { Settings } from './watching.ts';

/** The settings as they are now on disk and in the environment, or everything that is wrong with them. */
export type LoadResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface ReloaderOptions {
  readonly load: () => Promise<LoadResult>;
  readonly current: () => Settings;
  readonly apply: (settings: Settings) => TargetChanges;
  readonly emit: Emit;
  readonly now: () => number;
}

export interface Reloader {
  /** Loads the settings and goes on with them where they are valid; says which it was. */
  reload(): Promise<void>;
  /** Looks whether the credentials are others now, and reloads then; else says nothing. */
  refreshCredentials(): Promise<void>;
}

/** A refusal of many polls at once is one reason to read the files again. */
const refreshAtMostEveryMs = 5_000;

/** Takes over other settings while the daemon runs, one load after the other: first read, and then, if valid, used. */
export function createReloader({ load, current, apply, emit, now }: ReloaderOptions): Reloader {
  let last: Promise<void> = Promise.resolve();
  let refreshedAt = Number.NEGATIVE_INFINITY;

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work);
    return last;
  };

  function take(settings: Settings): void {
    const former = current();
    const needsRestart = restartKeys(former.config, settings.config);
    const { added, removed, changed } = apply(settings);
    const fields = {
      added: [...added],
      removed: [...removed],
      changed: [...changed],
      ...(credentialsDiffer(former, settings) && { credentialsChanged: true as const }),
      ...(needsRestart.length > 0 && { needsRestart }),
    };
    emit(buildEvent('watcher.config_reloaded', fields, now()));
  }

  return {
    reload: () =>
      inTurn(async () => {
        const result = await load();
        if (result.ok) take(result.settings);
        else emit(buildEvent('watcher.config_rejected', { problems: [...result.problems] }, now()));
      }),
    refreshCredentials: () => {
      if (now() - refreshedAt < refreshAtMostEveryMs) return last;
      refreshedAt = now();
      return inTurn(async () => {
        const result = await load();
        if (result.ok && credentialsDiffer(current(), result.settings)) take(result.settings);
      });
    },
  };
}

function credentialsDiffer({ credentials: one }: Settings, { credentials: other }: Settings): boolean {
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
