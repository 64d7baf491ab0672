import { eventId } from '../events/event-id.ts';
import { buildEvent, type EventRecord } from '../events/event-record.ts';
import { holderName } from '../state/holder-name.ts';
import type { LeaseView, SharedStore } from '../state/leased-store.ts';
import { StateError } from '../state/store.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import { aloneRole, type RoleView } from '../watch/role.ts';
import { monotonicNow, systemClock } from '../watch/schedule/poller.ts';
import { type ActiveOptions, type ActiveTerm, openActiveTerm } from './active-term.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { SessionSettings } from './session.ts';
import { openStandbyTerm, type StandbyTerm, type Taken } from './standby-term.ts';
import { type Kept, type Term, within } from './term.ts';

/** How long a stop waits for a change of roles, in ms. */
const changeMs = 1_500;
/** How long a stop waits for the lease to be given back, in ms. It ends by itself. */
const releaseMs = 500;

export interface RolesOptions extends Omit<ActiveOptions, 'settings' | 'keeper'> {
  /** The store, where several watchers share it, and the length of a lease in ms. */
  readonly shared: { readonly store: SharedStore; readonly leaseMs: number } | undefined;
  /** Whether this watcher stands by where another one is active. */
  readonly mayStandBy: boolean;
  /** Called when this watcher has another role. */
  readonly onChanged: () => void;
}

/** The roles of this watcher, one after the other: it is active, or it stands by. Without a shared store it is active. */
export class Roles {
  readonly #options: RolesOptions;
  #active: ActiveTerm | undefined;
  #standby: StandbyTerm | undefined;
  #keeper: LeaseKeeper | undefined;
  #taken: Taken | undefined;
  #isStopping = false;
  /** Changes of the role and of the settings, one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(options: RolesOptions) {
    this.#options = options;
  }

  /** Takes the lease or stands by. Rejects with a StateError where the store cannot be used. */
  static async open(options: RolesOptions, settings: SessionSettings): Promise<Roles> {
    const roles = new Roles(options);
    const { shared, mayStandBy } = options;
    if (shared === undefined) {
      roles.#active = await openActiveTerm({ ...options, settings });
      return roles;
    }
    const takenAt = monotonicNow();
    const taking = await shared.store.lease.take();
    if (taking.taken) await roles.#activate(settings, { taking, takenAt });
    else if (mayStandBy) roles.#standby = await roles.#openStandby(settings, taking.lease);
    else throw heldBy(shared.store, taking.lease);
    return roles;
  }

  get term(): Term {
    const term = this.#active ?? this.#standby;
    if (term === undefined) throw new Error('there is no role');
    return term;
  }

  /** The term in which this watcher is active, if it is. */
  get active(): ActiveTerm | undefined {
    return this.#active;
  }

  /** Whether what is written now may be reported by another watcher too: it is not committed under the lease. */
  get isUnfenced(): boolean {
    if (this.#keeper === undefined || this.#active === undefined) return false;
    return !this.#keeper.isTrusted || !this.#active.reader.status().stateWritable;
  }

  /** The role as it is shown. */
  get view(): RoleView {
    if (this.#active === undefined && this.#standby !== undefined)
      return { role: 'standby', lease: this.#standby.lease };
    if (this.#keeper === undefined || this.#taken === undefined) return aloneRole;
    const { epoch } = this.#taken.taking;
    const { remainingMs } = this.#keeper;
    return { role: 'active', lease: { epoch, holder: holderName(), remainingMs }, unfenced: this.isUnfenced };
  }

  /** Begins the work of the first role. */
  begin(): void {
    if (this.#taken !== undefined) this.term.emit(activeEvent(this.#taken));
    if (this.#standby !== undefined) this.term.emit(standbyEvent(this.#standby.lease));
    this.#beginTerm();
  }

  /** Uses other settings. Rejects with a StateError where the store cannot be read; nothing has changed then. */
  apply(settings: SessionSettings): Promise<TargetChanges> {
    return this.#inTurn(() => this.term.apply(settings));
  }

  /** Starts nothing any more, and keeps the role, as a stop has begun. */
  startNothing(): void {
    this.#isStopping = true;
    this.#active?.startNothing();
  }

  /** Ends the work, after {@link startNothing}; polls that are under way get `graceMs`. */
  async finish(graceMs: number): Promise<void> {
    await within(changeMs, this.#changed());
    await this.#active?.finish(graceMs);
    // A lease that was lost meanwhile makes this a standby, which says the rest.
    await within(changeMs, this.#changing);
  }

  /** Stores everything, and gives the lease back. */
  async close(): Promise<void> {
    await this.#active?.close();
    if (this.#keeper !== undefined) await within(releaseMs, this.#keeper.close());
  }

  /** Ends a standby, which may just have taken the lease, and waits for changes of the role that are under way. */
  async #changed(): Promise<void> {
    await this.#standby?.close();
    await this.#changing;
  }

  /** Begins the work of the present role, unless a stop has begun meanwhile. */
  #beginTerm(): void {
    const { fail } = this.#options.kept;
    if (this.#isStopping) {
      this.#active?.startNothing();
      return;
    }
    this.term.begin();
    const standby = this.#standby;
    if (standby === undefined) return;
    void standby.ended
      .then((taken) => taken && this.#inTurn(() => this.#takeOver(standby, taken)))
      .catch(fail);
  }

  /** Becomes active with a lease that was taken. Rejects with a StateError where the store cannot be read. */
  async #activate(settings: SessionSettings, taken: Taken): Promise<void> {
    const { shared, kept } = this.#options;
    if (shared === undefined) return;
    const keeper = new LeaseKeeper(
      {
        lease: shared.store.lease,
        leaseMs: shared.leaseMs,
        monotonic: monotonicNow,
        onFenced: () => void this.#inTurn(() => this.#standBy(keeper)).catch(kept.fail),
        onFault: kept.fail,
      },
      taken.takenAt,
    );
    try {
      this.#active = await openActiveTerm({ ...this.#options, settings, keeper });
    } catch (error) {
      await keeper.close();
      throw error;
    }
    this.#keeper = keeper;
    this.#taken = taken;
    this.#standby = undefined;
  }

  async #takeOver(standby: StandbyTerm, taken: Taken): Promise<void> {
    try {
      // At a stop, this gives the lease back.
      if (this.#isStopping) await this.#options.shared?.store.lease.release();
      else await this.#activate(standby.settings, taken);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (!this.#isStopping) this.#standby = await this.#openStandby(standby.settings, standby.lease);
    }
    if (this.#active !== undefined) this.term.emit(activeEvent(taken, standby.ageMs));
    this.#beginTerm();
    this.#options.onChanged();
  }

  /** Another watcher has taken over. */
  async #standBy(keeper: LeaseKeeper): Promise<void> {
    const { shared } = this.#options;
    const active = this.#active;
    if (active === undefined || shared === undefined || this.#keeper !== keeper) return;
    await active.abandon();
    const unknown = { epoch: this.#taken?.taking.epoch ?? 0, holder: undefined, remainingMs: 0 };
    const lease = await shared.store.lease.look().catch(() => unknown);
    this.#standby = await this.#openStandby(active.settings, lease);
    this.#active = undefined;
    this.#keeper = undefined;
    this.#options.kept.telemetry.eventsMissed();
    this.term.emit(fencedEvent(lease));
    this.term.emit(standbyEvent(lease));
    this.#beginTerm();
    this.#options.onChanged();
  }

  #openStandby(settings: SessionSettings, lease: LeaseView): Promise<StandbyTerm> {
    const { kept, shared } = this.#options;
    if (shared === undefined) throw new Error('there is no shared store');
    return openStandbyTerm(kept as Kept<SharedStore>, settings, shared.leaseMs, lease);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#changing.then(work);
    this.#changing = result.catch(() => {});
    return result;
  }
}

function leaseFields({ epoch, holder }: LeaseView) {
  return { epoch, ...(holder !== undefined && { holder }) };
}

/** Another watcher has taken the lease of this one. */
export function fencedEvent(lease: LeaseView): EventRecord {
  return buildEvent('watcher.fenced', leaseFields(lease), systemClock.now());
}

/** This watcher stands by. */
export function standbyEvent(lease: LeaseView): EventRecord {
  return buildEvent('watcher.standby', leaseFields(lease), systemClock.now());
}

/** This watcher has taken the lease, after it stood by for `standbyMs`. */
export function activeEvent({ taking }: Taken, standbyMs?: number): EventRecord {
  const { epoch, after, former } = taking;
  const now = systemClock.now();
  const fields = {
    eventId: eventId({ subject: 'watcher', event: 'watcher.active', at: now, detail: epoch }),
    epoch,
    after,
    ...(former !== undefined && { former }),
    ...(standbyMs !== undefined && { standbySeconds: Math.round(standbyMs / 1000) }),
  };
  return buildEvent('watcher.active', fields, now);
}

function heldBy({ path }: SharedStore, { holder }: LeaseView): StateError {
  return new StateError(
    `${path}: another watcher${holder === undefined ? '' : `, ${holder},`} is active with this database. Without --once, this one would stand by; or stop the other one first.`,
    { reason: 'held' },
  );
}
