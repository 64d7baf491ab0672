import type { WriteEvent } from '../events/emitter.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import type { WatchReader } from '../server/context.ts';
import type { Store } from '../state/store.ts';
import { type Headline, headline, utcTimes } from '../watch/headline.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import type { RoleView } from '../watch/role.ts';
import { systemClock } from '../watch/schedule/poller.ts';
import { headlineFacts } from '../watch/standing.ts';
import type { SessionSettings } from './session.ts';
import type { StandardOutput } from './stdout.ts';
import type { Telemetry } from './telemetry.ts';

/** What outlives every term. */
export interface Kept<StoreType extends Store = Store> {
  readonly store: StoreType;
  /** Writes one line to standard output. */
  readonly write: WriteEvent;
  readonly output: StandardOutput;
  readonly telemetry: Telemetry;
  readonly redactor: Redactor;
  readonly version: string;
  /** Ends the program because of a mistake of its own. */
  readonly fail: (fault: unknown) => void;
}

/** The part of what the server shows that depends on the role of this watcher. */
export type RoleReader = Omit<WatchReader, 'status' | 'role'> & {
  /** Whether everything was read once since the start, and whether the store can be used. */
  status(): { readonly firstRoundDone: boolean; readonly stateWritable: boolean };
};

/** The time in which this watcher has one role: it polls and reports, or it stands by. */
export interface Term {
  readonly reader: RoleReader;
  /** The settings in use. */
  readonly settings: SessionSettings;
  /** Lines, never stored, that standard output did not take. */
  readonly droppedLines: number;
  /** Whether no line waits for the store or for standard output. */
  readonly delivered: boolean;
  emit(record: EventRecord): void;
  /** Writes lines that standard output would not take before. */
  deliver(): void;
  /** Begins to do its work. */
  begin(): void;
  /** Uses other settings. Rejects with a StateError where the store cannot be read; nothing has changed then. */
  apply(settings: SessionSettings): Promise<TargetChanges>;
}

/** Returns how everything stands now, as a watcher in this role sees it. */
export function headlineOf(
  reader: Pick<WatchReader, 'settings' | 'snapshots' | 'liveness'>,
  role: RoleView,
): Headline {
  const now = systemClock.now();
  const { credential, policyOf } = reader.settings();
  const facts = headlineFacts(reader.snapshots(), reader.liveness(), credential, now, policyOf, role);
  return headline(facts, now, utcTimes(now));
}

/** Resolves to whether the work was done within so many ms: a stop does not wait for what may never end. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), promise]);
  } finally {
    clearTimeout(timer);
  }
}
