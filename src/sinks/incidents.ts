import { createHash } from 'node:crypto';
import type { EventName } from '../events/catalogue.ts';
import type { EventRecord } from '../events/event-record.ts';
import { textField } from './text-field.ts';

/**
 * What is wrong, for a receiver that keeps incidents: an incident is open from the first event that triggers it to one
 * that resolves it.
 *
 * - `readiness`: a migration is ready and waits for its cutover. Reminders and warnings are the same incident.
 * - `stall`: its lag does not come down.
 * - `plan`: its planned cutover is at risk, or was missed.
 * - `end`: it failed, expired, or is no longer in Atlas.
 * - `outage`: a migration, a project or the account can't be read.
 * - `receiver`: notifications do not reach a receiver.
 * - `ping`: the ping does not arrive.
 * - `test`: nothing; somebody tests the receiver. It is resolved at once.
 * - `event`: an event that nothing resolves. A person closes it.
 */
export type Incident =
  | 'readiness'
  | 'stall'
  | 'plan'
  | 'end'
  | 'outage'
  | 'receiver'
  | 'ping'
  | 'test'
  | 'event';

/** What one event does to one incident. */
export interface IncidentChange {
  readonly incident: Incident;
  readonly action: 'trigger' | 'acknowledge' | 'resolve';
}

type Changes = readonly IncidentChange[] | ((record: EventRecord) => readonly IncidentChange[]);

const none: Changes = [];
const change = (action: IncidentChange['action'], ...incidents: readonly Incident[]): IncidentChange[] =>
  incidents.map((incident) => ({ incident, action }));
const trigger = (...incidents: readonly Incident[]): IncidentChange[] => change('trigger', ...incidents);
const resolve = (...incidents: readonly Incident[]): IncidentChange[] => change('resolve', ...incidents);

/** All that the end of a migration is the end of. An outage has an event for its end. */
const overAtEnd = resolve('readiness', 'stall', 'plan');

/** What each event does. An event that is not stored never gets here. */
const table: Readonly<Record<EventName, Changes>> = {
  'migration.first_seen': none,
  // What had ended, or was no longer in Atlas, is there again.
  'migration.status_changed': ({ from }) =>
    from === 'FAILED' || from === 'EXPIRED' || from === 'DISAPPEARED' ? resolve('end') : [],
  'migration.unknown_status': trigger('event'),
  'migration.ready_for_cutover': trigger('readiness'),
  'migration.readiness_withdrawn': resolve('readiness'),
  'migration.cutover_reminder': trigger('readiness'),
  'migration.cutover_deadline_near': trigger('readiness'),
  'migration.cutover_deadline_passed': trigger('readiness'),
  'migration.lag_stalled': trigger('stall'),
  'migration.lag_recovered': resolve('stall'),
  'migration.hosts_changed': none,
  'migration.completed': overAtEnd,
  'migration.failed': [...overAtEnd, ...trigger('end')],
  'migration.expired': [...overAtEnd, ...trigger('end')],
  // Its deadline goes on: it may only be out of sight.
  'migration.disappeared': [...resolve('stall'), ...trigger('end')],
  'migration.cutover_started': none,
  'migration.window_changed': none,
  // Of a migration that is not ready, it is the outage that somebody knows of.
  'migration.acknowledged': ({ readyForCutover }) =>
    change('acknowledge', readyForCutover === true ? 'readiness' : 'outage'),
  'migration.acknowledgement_ended': none,
  // Another plan, or none: what put the one before at risk is over.
  'migration.cutover_planned': resolve('plan'),
  'migration.plan_at_risk': trigger('plan'),
  'migration.plan_on_course': resolve('plan'),
  'migration.plan_missed': trigger('plan'),
  // It comes only of a ready migration, whose incident is open already.
  'migration.cutover_lag_high': trigger('readiness'),
  'migration.cutover_lag_normal': none,
  // Whoever gave the command has the answer.
  'watcher.request_refused': none,
  'watcher.started': none,
  'watcher.unreachable': trigger('outage'),
  'watcher.recovered': resolve('outage'),
  'watcher.poll_failed': none,
  'watcher.rate_limited': none,
  'watcher.overrun': none,
  'watcher.api_deprecated': none,
  'watcher.heartbeat': none,
  'watcher.config_reloaded': none,
  'watcher.config_rejected': none,
  'watcher.state_unavailable': none,
  'watcher.state_recovered': none,
  'watcher.sink_unavailable': trigger('receiver'),
  'watcher.sink_recovered': resolve('receiver'),
  'watcher.notification_dropped': trigger('event'),
  'watcher.sinks_changed': none,
  'watcher.notification_test': [...trigger('test'), ...resolve('test')],
  'watcher.ping_failed': trigger('ping'),
  'watcher.ping_recovered': resolve('ping'),
  'watcher.standby': none,
  // The former one may be broken, and somebody has to look.
  'watcher.active': ({ after }) => (after === 'expired' ? trigger('event') : []),
  'watcher.fenced': none,
  'watcher.settled': none,
  'watcher.stopping': none,
  'watcher.stopped': none,
};

/** Returns what an event does to incidents, in order. One that a newer version stored has a name that is not known. */
export function incidentChanges(record: EventRecord): readonly IncidentChange[] {
  const known: Changes | undefined = table[record.event];
  if (known === undefined) return record.level === 'warn' || record.level === 'error' ? trigger('event') : [];
  return typeof known === 'function' ? known(record) : known;
}

/** Returns the names of the events that trigger an incident. */
export function triggersOf(incident: Incident): readonly string[] {
  return triggers.get(incident) ?? [];
}

const triggers: ReadonlyMap<Incident, readonly string[]> = new Map(
  Map.groupBy(
    Object.entries(table).flatMap(([name, changes]) =>
      typeof changes === 'function'
        ? []
        : changes.filter(({ action }) => action === 'trigger').map(({ incident }) => ({ name, incident })),
    ),
    ({ incident }) => incident,
  )
    .entries()
    .map(([incident, found]) => [incident, found.map(({ name }) => name)]),
);

/** Characters that PagerDuty allows in a key. */
const longestKey = 255;

/**
 * Returns the key of an incident: the same for all events of it. A migration has at most one of each kind open, and a
 * resolved key opens another incident when it is triggered again.
 */
export function incidentKey(record: EventRecord, incident: Incident, origin: string): string {
  const ids = ['groupId', 'liveMigrationId', 'sink'].flatMap((name) => textField(record, name) ?? []);
  const parts = [incident, ...ids];
  if (incident === 'event' || incident === 'test')
    parts.push(record.event, textField(record, 'eventId') ?? record.time);
  // Of the account, or of this watcher: watchers of several accounts have names of their own.
  else if (ids.length === 0 || incident === 'receiver') parts.push(origin);
  const key = `cutover-watch/${parts.join('/')}`;
  if (key.length <= longestKey) return key;
  return `cutover-watch/${incident}/${createHash('sha256').update(key).digest('hex')}`;
}
