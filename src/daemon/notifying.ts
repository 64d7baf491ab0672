import { isDeepStrictEqual } from 'node:util';
import { keyOf } from '../atlas/migration-resource.ts';
import type { NotificationSettings, PingSettings } from '../config/sink-settings.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import type { NotificationStatus } from '../server/context.ts';
import { createPingSender } from '../sinks/http/ping-sender.ts';
import { Notifications, type NotificationsOptions } from '../sinks/notifications.ts';
import { Ping, type PingFacts } from '../sinks/ping.ts';
import type { Known } from '../sinks/sender.ts';
import { createSender } from '../sinks/senders.ts';
import type { Recorder } from '../state/recorder.ts';
import type { Store } from '../state/store.ts';
import type { Fleet } from '../watch/fleet.ts';
import { deadlineOf, runningWindow } from '../watch/migration/readiness-window.ts';
import { monotonicNow, systemClock } from '../watch/schedule/poller.ts';
import { isReading, standingPolicy } from '../watch/standing.ts';
import type { Session } from './session.ts';
import { drain, type StandardOutput } from './stdout.ts';

/** How long a stop waits for receivers, in ms. It delays the last line. */
const lastEventsMs = 1_000;

type PassedOn = Required<Pick<NotificationsOptions, 'onlyCommitted' | 'maySend' | 'onAttempt' | 'onFault'>>;

export interface NotifyingOptions extends PassedOn {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly fleet: Fleet;
  /** Returns the current session. */
  readonly session: () => Session;
  /** Returns how everything stands now, in one line. */
  readonly headline: () => string;
  readonly redactor: Redactor;
  readonly version: string;
}

/** Notifies people of events, and pings while the watcher does its work. It outlives every session. */
export class Notifying {
  readonly #options: NotifyingOptions;
  readonly #notifications: Notifications;
  #using = Promise.resolve();
  #ping: { readonly settings: PingSettings; readonly ping: Ping } | undefined;

  constructor(options: NotifyingOptions) {
    const { store, recorder, onlyCommitted, maySend, onAttempt, onFault } = options;
    this.#options = options;
    this.#notifications = new Notifications({
      store,
      sinks: recorder.sinks,
      onlyCommitted,
      maySend,
      createSender: (settings) => createSender(settings, senderOptions(options)),
      known: (record) => knownOf(record, options),
      emit: (record) => recorder.emit(record),
      onAttempt,
      onFault,
      now: () => systemClock.now(),
      random: Math.random,
      defer(work, delayMs) {
        const timer = setTimeout(work, delayMs).unref();
        return () => clearTimeout(timer);
      },
    });
  }

  /** How each receiver and the ping stand. */
  get status(): NotificationStatus {
    return { receivers: this.#notifications.statuses, pingTakenAt: this.#ping?.ping.takenAt };
  }

  /** Whether nothing can be delivered now. */
  get delivered(): boolean {
    return this.#notifications.delivered;
  }

  /** Uses these settings from now on. `lastPosition` is that of the latest event: new receivers begin behind it. */
  use(settings: NotificationSettings, lastPosition: number): Promise<void> {
    const using = this.#using.then(() => this.#use(settings, lastPosition));
    this.#using = using.catch(() => {});
    return using;
  }

  async #use({ sinks, ping }: NotificationSettings, lastPosition: number): Promise<void> {
    await this.#notifications.use(sinks, lastPosition);
    if (isDeepStrictEqual(ping, this.#ping?.settings)) return;
    void this.#ping?.ping.close();
    this.#ping = ping && { settings: ping, ping: this.#openPing(ping) };
  }

  /** Sends the ping that is due. The poll loop calls it whenever it wakes. */
  readonly tick = (): void => {
    void this.#ping?.ping.tick().catch(this.#options.onFault);
  };

  /** Gives receivers a moment for the last events, and ends what is then under way, as if it had not been tried. */
  async close(output: Pick<StandardOutput, 'whenClosed'>): Promise<void> {
    await drain(this, output, lastEventsMs);
    await this.abandon();
  }

  /** Ends what is under way at once, as if it had not been tried. */
  async abandon(): Promise<void> {
    await Promise.all([this.#notifications.close(), this.#ping?.ping.close()]);
  }

  #openPing(settings: PingSettings): Ping {
    return new Ping({
      settings,
      sender: createPingSender(settings, senderOptions(this.#options)),
      facts: () => this.#pingFacts(),
      emit: (record) => this.#options.recorder.emit(record),
      now: () => systemClock.now(),
      monotonic: monotonicNow,
    });
  }

  #pingFacts(): PingFacts {
    const { session, fleet, headline } = this.#options;
    const { watcher, plan } = session();
    const { liveness } = watcher;
    return {
      stuckLoop: liveness.alive ? undefined : liveness.reason,
      isReading: isReading(fleet.snapshots, systemClock.now(), standingPolicy(plan)),
      sinks: this.#notifications.statuses,
      headline: headline(),
    };
  }
}

function senderOptions({ version, redactor }: NotifyingOptions) {
  return { version, redact: (text: string) => redactor.text(text) };
}

/** Returns what is known now about what an event is about. */
function knownOf(record: EventRecord, { fleet, recorder, session }: NotifyingOptions): Known {
  const { settings, plan } = session();
  const known = { now: systemClock.now(), title: settings.config.http.title };
  const { groupId, liveMigrationId, deadline, readyForCutover } = record;
  const isOfReady = deadline !== undefined || readyForCutover === true;
  if (typeof groupId !== 'string' || typeof liveMigrationId !== 'string' || !isOfReady) return known;
  const migration = fleet.get(keyOf({ groupId, liveMigrationId }));
  if (migration === undefined) return known;
  const readiness = runningWindow(recorder.state(migration.target));
  if (readiness === undefined) return { ...known, window: 'ended' };
  const { policy } = plan.planFor(migration.target);
  return {
    ...known,
    window: { deadline: deadlineOf(readiness, policy), estimated: readiness.stated === undefined },
  };
}
