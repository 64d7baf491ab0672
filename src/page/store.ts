import type { MigrationView } from '../server/migration-view.ts';
import { type Action, type PageState, reduce } from './state.ts';

/** Changes of migrations are collected for this long and shown together. In ms. */
const batchMs = 200;

type MigrationsAction = Extract<Action, { readonly type: 'migrations' }>;

/** Holds the state of the page, and notifies subscribers of another one. */
export class Store {
  #state: PageState;
  readonly #listeners = new Set<() => void>();
  #waiting: MigrationView[] = [];
  #batch: number | undefined;

  constructor(state: PageState) {
    this.#state = state;
  }

  get state(): PageState {
    return this.#state;
  }

  /** Runs `listener` after each change. */
  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Applies an action, after those that wait. */
  dispatch(action: Action): void {
    this.#takeWaiting();
    this.#state = reduce(this.#state, action);
    this.#changed();
  }

  /** Applies changes of migrations together with those that follow soon. */
  dispatchSoon({ views }: MigrationsAction): void {
    this.#waiting.push(...views);
    // A timer, not an animation frame: timers run in a hidden tab too, and so its title stays current.
    this.#batch ??= window.setTimeout(() => {
      this.#takeWaiting();
      this.#changed();
    }, batchMs);
  }

  #takeWaiting(): void {
    window.clearTimeout(this.#batch);
    this.#batch = undefined;
    if (this.#waiting.length === 0) return;
    this.#state = reduce(this.#state, { type: 'migrations', views: this.#waiting });
    this.#waiting = [];
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
