import { isDeepStrictEqual } from 'node:util';
import type { CredentialsResult } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';
import type { EventFields } from '../events/catalogue.ts';
import { StateError } from '../state/store.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import type { SessionSettings } from './session.ts';

/** The current settings on disk and in the environment, or all their problems. */
export type LoadResult =
  | { readonly ok: true; readonly settings: SessionSettings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface ReloaderOptions {
  readonly load: () => Promise<LoadResult>;
  /** Reads only the credentials, from the sources that a configuration names. */
  readonly loadCredentials: (config: Config) => Promise<CredentialsResult>;
  readonly current: () => SessionSettings;
  /** Rejects with a StateError if the state file cannot be read. The old session then continues. */
  readonly apply: (settings: SessionSettings) => Promise<TargetChanges>;
  readonly onReloaded: (fields: EventFields['watcher.config_reloaded']) => void;
  readonly onRejected: (problems: readonly string[]) => void;
  /** The time of a clock that is never set, in ms. */
  readonly monotonic: () => number;
}

/** Why settings are loaded: a signal, a changed file, or credentials that Atlas refused. */
type Cause = 'signal' | 'file' | 'refusal';

/** An unreadable state file may become readable later without a signal, so the reload is tried again. */
const retryAfterMs = 10_000;
/** Many polls may be refused at once. The files are read again only once in this time. */
const refreshAtMostEveryMs = 5_000;

/**
 * Replaces the settings while the daemon runs. Loads run one after the other. Invalid settings are rejected, and the old
 * ones stay in use. A signal always leads to an event. A changed file or a refusal leads to one only if the settings
 * differ or have new problems.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #started: OpenedAtStart;
  #last: Promise<void> = Promise.resolve();
  /** The latest use of settings, under way or ended. */
  #using: Promise<void> = Promise.resolve();
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #retry: NodeJS.Timeout | undefined;
  /** The latest reported problems of the configuration and of the credentials. */
  readonly #reported = new Map<'configuration' | 'credentials', string>();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#started = openedAtStart(options.current());
  }

  /** Whether the settings in use are the latest ones that were read. */
  get isCurrent(): boolean {
    return this.#reported.size === 0;
  }

  /** Loads the settings, and uses them if they are valid. Resolves when that is done. */
  reload(cause: 'signal' | 'file'): Promise<void> {
    return this.#inTurn(this.#options.load, cause);
  }

  /** Loads only the credentials, and uses them if they differ. Works while the configuration file is invalid, too. */
  refreshCredentials(): Promise<void> {
    const { current, loadCredentials, monotonic } = this.#options;
    if (monotonic() - this.#refreshedAt < refreshAtMostEveryMs) return this.#last;
    this.#refreshedAt = monotonic();
    return this.#inTurn(async () => {
      const { config, notifications, state } = current();
      const result = await loadCredentials(config);
      if (!result.ok) return result;
      const { credentials, warnings } = result;
      return { ok: true, settings: { config, credentials, notifications, state }, warnings };
    }, 'refusal');
  }

  /**
   * Stops reloading. Settings that are being loaded are not used. Resolves when those that are being applied are in use,
   * or have failed; nothing is reported of them.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    // A mistake of the program goes to the caller of the reload.
    await Promise.allSettled([this.#using]);
    clearTimeout(this.#retry);
  }

  #inTurn(load: () => Promise<LoadResult>, cause: Cause): Promise<void> {
    const former = this.#last;
    this.#last = (async () => {
      await former;
      if (this.#stopped) return;
      const result = await load();
      if (this.#stopped) return;
      this.#using = this.#use(result, cause);
      await this.#using;
    })();
    return this.#last;
  }

  async #use(result: LoadResult, cause: Cause): Promise<void> {
    const { current } = this.#options;
    const part = cause === 'refusal' ? 'credentials' : 'configuration';
    const wasRejected = this.#reported.has(part);
    if (!result.ok) {
      this.#reject(part, result.problems, cause);
      return;
    }
    clearTimeout(this.#retry);
    const isWanted = cause === 'signal' || (cause === 'file' && wasRejected);
    try {
      if (isWanted || !isDeepStrictEqual(settingsOf(current()), settingsOf(result.settings)))
        await this.#take(result);
      // The settings include the credentials.
      if (cause === 'refusal') this.#reported.delete('credentials');
      else this.#reported.clear();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.#reject(part, [error.message], cause);
      this.#retry = setTimeout(() => void this.reload('file'), retryAfterMs).unref();
    }
  }

  async #take({ settings, warnings }: Extract<LoadResult, { ok: true }>): Promise<void> {
    const { current, apply, onReloaded } = this.#options;
    const former = current();
    const needsRestart = restartKeys(this.#started, openedAtStart(settings));
    const { added, removed, changed } = await apply(settings);
    if (this.#stopped) return;
    const credentialsChanged = !isDeepStrictEqual(former.credentials, settings.credentials);
    onReloaded({
      added: [...added],
      removed: [...removed],
      changed: [...changed],
      ...(credentialsChanged && { credentialsChanged }),
      ...(needsRestart.length > 0 && { needsRestart }),
      ...(warnings.length > 0 && { warnings: [...warnings] }),
    });
  }

  #reject(part: 'configuration' | 'credentials', problems: readonly string[], cause: Cause): void {
    if (this.#stopped) return;
    const text = problems.join('\n');
    const isKnown = this.#reported.get(part) === text;
    this.#reported.set(part, text);
    if (cause === 'signal' || !isKnown) this.#options.onRejected(problems);
  }
}

function settingsOf({ config, credentials, notifications, state }: SessionSettings): SessionSettings {
  return { config, credentials, notifications, state };
}

/** Returns the changed keys that take effect only after a restart. */
function restartKeys(former: OpenedAtStart, next: OpenedAtStart): string[] {
  return [...next].filter(([key, value]) => former.get(key) !== value).map(([key]) => key);
}

/** The value of each key that takes effect only at a start. */
type OpenedAtStart = ReadonlyMap<string, unknown>;

function openedAtStart({ state, config: { http, log } }: SessionSettings): OpenedAtStart {
  return new Map<string, unknown>([
    ['state.path', state.kind === 'file' ? state.path : undefined],
    ['state.urlFile', state.kind === 'database' ? state.url : undefined],
    ['state.lease', state.kind === 'database' ? state.leaseMs : undefined],
    ['http.listen', http.listen],
    ['log.level', log.level],
    ['log.format', log.format],
  ]);
}
