import { keyOf, type MigrationId } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { LogEntry, Store } from '../state/store.ts';
import { laneEvents } from '../watch/migration/migration-lane.ts';
import type { PhaseEvent } from '../watch/migration/phases.ts';

/** Rows of the event log that one piece of work reads: it takes some ms. */
const rowsPerPiece = 1_000;
/** Events that are kept of each migration and of each scope: the latest. */
const mostEvents = 1_000;
const accountKey = '';

/**
 * The events of the log that timelines follow from, in memory. The first time, it reads the log once from its beginning
 * in small pieces; later, what is new.
 */
export class TimelineLog {
  readonly #events = new Map<string, PhaseEvent[]>();
  #searchedTo = 0;
  /** The entry at that position: another one there means another state file. */
  #last: LogEntry | undefined;

  /** Reads what is new. `pause` lets others run between two pieces. */
  async update(store: Pick<Store, 'eventsFrom' | 'eventsNamed'>, pause: () => Promise<void>): Promise<void> {
    if (!(await this.#continues(store))) {
      this.#events.clear();
      this.#searchedTo = 0;
    }
    for (;;) {
      const { entries, searchedTo } = await store.eventsNamed(laneEvents, this.#searchedTo, rowsPerPiece);
      for (const { record } of entries) if (isNeeded(record)) this.#add(record);
      if (searchedTo === this.#searchedTo) return;
      this.#searchedTo = searchedTo;
      this.#last = (await store.eventsFrom(searchedTo, 1))[0];
      await pause();
    }
  }

  /** Returns the events of a migration and of the outages of its project and the account, oldest first. */
  eventsOf(migration: MigrationId): readonly PhaseEvent[] {
    const own = this.#events.get(keyOf(migration)) ?? [];
    const shared = [accountKey, migration.groupId].flatMap((key) => this.#events.get(key) ?? []);
    return shared.length === 0 ? own : [...own, ...shared].toSorted(byTime);
  }

  async #continues(store: Pick<Store, 'eventsFrom'>): Promise<boolean> {
    if (this.#last === undefined) return this.#searchedTo === 0;
    const [entry] = await store.eventsFrom(this.#searchedTo, 1);
    return entry?.position === this.#searchedTo && entry.record.eventId === this.#last.record.eventId;
  }

  #add(record: EventRecord): void {
    const { groupId, liveMigrationId } = record;
    const key =
      typeof groupId !== 'string'
        ? accountKey
        : typeof liveMigrationId === 'string'
          ? keyOf({ groupId, liveMigrationId })
          : groupId;
    const events = this.#events.get(key) ?? [];
    events.push(trimmed(record));
    if (events.length > mostEvents) events.shift();
    this.#events.set(key, events);
  }
}

/** Of the outages of a scope, only refused credentials hold migrations back, and a reminder shows nothing new. */
function isNeeded({ event, scope, errorType, reminder }: EventRecord): boolean {
  if (event !== 'watcher.unreachable') return true;
  return scope !== 'migration' && errorType === 'unauthorized' && reminder !== true;
}

/** Leaves out what phases and overlays do not need: it would take memory. */
function trimmed(record: EventRecord): PhaseEvent {
  const { event, time } = record;
  return { event, time, ...fieldsOf(record) };
}

function fieldsOf(fields: EventRecord): Readonly<Record<string, unknown>> {
  const { status, readyForCutover, from, to, lagTimeSeconds, stalledForSeconds } = fields;
  const { cutoverMayHaveBegun, previous, scope, downSeconds, errorType, since } = fields;
  switch (fields.event) {
    case 'migration.first_seen':
      return { status, readyForCutover, lagTimeSeconds };
    case 'migration.status_changed':
      return { from, to, readyForCutover, lagTimeSeconds };
    case 'migration.lag_stalled':
      return { stalledForSeconds };
    case 'migration.readiness_withdrawn':
      return { cutoverMayHaveBegun };
    case 'migration.completed':
      return { previous };
    case 'watcher.unreachable':
    case 'watcher.recovered':
      return { scope, downSeconds, errorType, since };
    default:
      return {};
  }
}

function byTime(one: PhaseEvent, other: PhaseEvent): number {
  return Date.parse(one.time) - Date.parse(other.time);
}
