import { keyOf } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import { Notifications, type NotificationsOptions } from '../sinks/notifications.ts';
import type { Known } from '../sinks/sender.ts';
import { createSender } from '../sinks/senders.ts';
import type { Recorder } from '../state/recorder.ts';
import type { Store } from '../state/store.ts';
import type { Fleet } from '../watch/fleet.ts';
import { deadlineOf, runningWindow } from '../watch/migration/readiness-window.ts';
import { systemClock } from '../watch/schedule/poller.ts';
import type { Session } from './session.ts';

export interface NotifyingOptions extends Pick<NotificationsOptions, 'onAttempt' | 'onFault'> {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly fleet: Pick<Fleet, 'get'>;
  /** Returns the current session. */
  readonly session: () => Session;
  readonly redactor: Redactor;
  readonly version: string;
}

/** Returns the notifications of the daemon. They have no receivers yet. */
export function openNotifications(options: NotifyingOptions): Notifications {
  const { store, recorder, redactor, version, onAttempt, onFault } = options;
  const senderOptions = { version, redact: (text: string) => redactor.text(text) };
  return new Notifications({
    store,
    sinks: recorder.sinks,
    createSender: (settings) => createSender(settings, senderOptions),
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

/** Returns what is known now about what an event is about. */
function knownOf(record: EventRecord, { fleet, recorder, session }: NotifyingOptions): Known {
  const { settings, plan } = session();
  const known = { now: systemClock.now(), title: settings.config.http.title };
  const { groupId, liveMigrationId, deadline } = record;
  if (typeof groupId !== 'string' || typeof liveMigrationId !== 'string' || deadline === undefined)
    return known;
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
