import type { EventFields, EventName } from '../../src/events/catalogue.ts';
import { buildEvent, type EventRecord } from '../../src/events/event-record.ts';

/** When every sample was made. */
export const sampledAt = Date.UTC(2026, 10, 23, 23, 0, 0);

const migration = {
  eventId: '0123456789abcdef0123456789abcdef',
  migration: 'orders',
  groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
  liveMigrationId: '7e68e12770616e75e6df43d0',
  labels: { team: 'payments' },
  status: 'WORKING',
  readyForCutover: true,
  lagTimeSeconds: 12,
  migrationHosts: ['vm001.example.com'],
  observedAt: '2026-11-23T23:00:00.000Z',
  previous: { status: 'NEW', observedAt: '2026-11-23T22:59:30.000Z' },
};
const window = {
  readySince: '2026-11-23T23:00:00.000Z',
  deadline: '2026-11-28T23:00:00.000Z',
  deadlineEstimated: true,
  deadlineSource: 'estimated',
} as const;
const said = {
  author: 'anna',
  comment: 'Extended in the console.',
  requestId: '0b6bbd4c-7a43-4be7-9bf9-3f2a5d3c6f10',
} as const;
const fault = {
  errorType: 'not_found',
  httpStatus: 404,
  errorCode: 'RESOURCE_NOT_FOUND',
  detail: 'Atlas answered 404.',
  remedy: 'Check the ids.',
} as const;

/** One plausible set of fields for every event of the catalogue. */
export const sampleFields: { readonly [Name in EventName]: EventFields[Name] } = {
  'migration.first_seen': migration,
  'migration.status_changed': { ...migration, from: 'NEW', to: 'WORKING' },
  'migration.unknown_status': { ...migration, status: 'PENDING' },
  'migration.ready_for_cutover': {
    ...migration,
    ...window,
    remainingSeconds: 432_000,
    readySinceKnown: true,
  },
  'migration.readiness_withdrawn': { ...migration, readyForSeconds: 90 },
  'migration.cutover_reminder': { ...migration, ...window, remainingSeconds: 388_800 },
  'migration.cutover_deadline_near': {
    ...migration,
    ...window,
    remainingSeconds: 3_600,
    threshold: '1h',
    lastWarning: true,
  },
  'migration.cutover_deadline_passed': { ...migration, ...window, remainingSeconds: 0 },
  'migration.lag_stalled': {
    ...migration,
    lagTrendPerMinute: 0.5,
    lagThenSeconds: 46_200,
    lagNowSeconds: 46_260,
    stalledForSeconds: 1_800,
  },
  'migration.lag_recovered': {
    ...migration,
    lagTrendPerMinute: -30,
    readyInSeconds: 600,
    readyInSecondsRange: [500, 900],
  },
  'migration.hosts_changed': { ...migration, from: ['vm001.example.com'], to: ['vm002.example.com'] },
  'migration.completed': { ...migration, observedForSeconds: 90_000, readyForSeconds: 3_600 },
  'migration.failed': migration,
  'migration.expired': migration,
  'migration.disappeared': { ...migration, notFoundForSeconds: 600 },
  'migration.cutover_started': { ...migration, estimated: true, readyForSeconds: 3_600 },
  'migration.window_changed': {
    ...migration,
    from: '2026-11-28T23:00:00.000Z',
    to: '2026-12-03T10:00:00.000Z',
    source: 'operator',
    remainingSeconds: 820_800,
    ...said,
  },
  'migration.acknowledged': { ...migration, until: '2026-11-25T08:00:00.000Z', ...said },
  'migration.acknowledgement_ended': { ...migration, reason: 'warning' },
  'migration.cutover_planned': {
    ...migration,
    plannedAt: '2026-11-27T01:00:00.000Z',
    planDurationSeconds: 7_200,
    source: 'operator',
    ...said,
  },
  'migration.plan_at_risk': {
    ...migration,
    plannedAt: '2026-11-27T01:00:00.000Z',
    cause: 'estimate',
    readyInSeconds: 300_000,
  },
  'migration.plan_on_course': { ...migration, plannedAt: '2026-11-27T01:00:00.000Z' },
  'migration.plan_missed': {
    ...migration,
    plannedAt: '2026-11-27T01:00:00.000Z',
    planDurationSeconds: 7_200,
  },
  'migration.cutover_lag_high': { ...migration, lagNowSeconds: 2_400, lagAtMostSeconds: 300 },
  'migration.cutover_lag_normal': { ...migration, lagNowSeconds: 12, lagAtMostSeconds: 300 },
  'watcher.request_refused': {
    ...migration,
    command: 'extend',
    reason: 'in_the_past',
    detail: '2026-11-22 10:00 UTC is over. Give a time to come.',
    ...said,
  },
  'watcher.started': {
    headline: 'Nothing is ready for cutover.',
    version: '0.1.0',
    eventSchema: 1,
    migrations: 2,
    resumed: 1,
  },
  'watcher.unreachable': {
    ...migration,
    ...fault,
    scope: 'migration',
    since: '2026-11-23T22:58:30.000Z',
    failures: 3,
  },
  'watcher.recovered': { ...migration, scope: 'migration', downSeconds: 90 },
  'watcher.poll_failed': { ...migration, ...fault, attempts: 4, failures: 1, reportedAfterSeconds: 90 },
  'watcher.rate_limited': { groupId: migration.groupId, retryAfterSeconds: 30 },
  'watcher.overrun': { waiting: 3, underWay: 16 },
  'watcher.api_deprecated': { sunset: 'Sat, 31 Jul 2027 23:59:59 GMT' },
  'watcher.heartbeat': {
    headline: 'Cut over orders within 4 h. All read within the last 30 s.',
    migrations: 3,
    statuses: { NEW: 1, WORKING: 2 },
    ready: 1,
    stalled: 0,
    unreachable: 0,
    settled: 0,
    polls: 30,
    pollFailures: 1,
    oldestObservationSeconds: 12,
  },
  'watcher.config_reloaded': {
    added: ['orders'],
    removed: [],
    changed: [],
    needsRestart: ['state.path'],
    warnings: ['watch.yaml: schedule.default cannot be kept.'],
  },
  'watcher.config_rejected': { problems: ['watch.yaml: migrations is missing.'] },
  'watcher.state_unavailable': {
    reason: 'disk_full',
    path: '/var/lib/cutover-watch/state.db',
    remedy: 'Free some space on its disk.',
  },
  'watcher.state_recovered': { downSeconds: 90 },
  'watcher.sink_unavailable': {
    eventId: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    sink: 'on-call',
    failures: 3,
    since: '2026-11-23T22:58:30.000Z',
    answer: 'HTTP 503',
    httpStatus: 503,
    remedy: 'Look at the receiver.',
    waiting: 4,
  },
  'watcher.sink_recovered': {
    eventId: 'c0ffee00c0ffee00c0ffee00c0ffee01',
    sink: 'on-call',
    downSeconds: 5_400,
    waiting: 3,
  },
  'watcher.notification_dropped': {
    eventId: 'c0ffee00c0ffee00c0ffee00c0ffee02',
    sink: 'on-call',
    reason: 'rejected',
    dropped: 2,
    droppedEvent: 'migration.ready_for_cutover',
    droppedEventId: migration.eventId,
    droppedMigration: 'orders',
    answer: 'HTTP 400: unknown field "type"',
    httpStatus: 400,
    remedy: 'Look at what the receiver accepts.',
  },
  'watcher.sinks_changed': { added: ['on-call'], removed: ['pager'], undelivered: 2 },
  'watcher.notification_test': {
    eventId: 'c0ffee00c0ffee00c0ffee00c0ffee05',
    sink: 'on-call',
    test: true,
  },
  'watcher.ping_failed': {
    eventId: 'c0ffee00c0ffee00c0ffee00c0ffee03',
    failures: 5,
    since: '2026-11-23T22:58:30.000Z',
    answer: 'HTTP 404',
    httpStatus: 404,
    remedy: 'Check ping.url.',
  },
  'watcher.ping_recovered': { eventId: 'c0ffee00c0ffee00c0ffee00c0ffee04', downSeconds: 600 },
  'watcher.standby': { epoch: 4, holder: 'db-2 (pid 812)' },
  'watcher.active': {
    eventId: 'c0ffee00c0ffee00c0ffee00c0ffee05',
    epoch: 5,
    after: 'expired',
    former: 'db-2 (pid 812)',
    standbySeconds: 86_400,
  },
  'watcher.fenced': { epoch: 5, holder: 'db-2 (pid 812)' },
  'watcher.settled': { migrations: 2, statuses: { COMPLETE: 1, FAILED: 1 } },
  'watcher.stopping': { reason: 'SIGTERM' },
  'watcher.stopped': { reason: 'SIGTERM' },
};

/** What an outage of a project has in place of the fields of a migration. */
export const projectOutage = {
  eventId: migration.eventId,
  scope: 'project',
  groupId: migration.groupId,
  migrations: 3,
} as const;

/** Returns the record of an event made of its sample fields, with some of them changed. */
export function sampleEvent<Name extends EventName>(
  name: Name,
  changes: Partial<EventFields[Name]> = {},
): EventRecord {
  return buildEvent(name, { ...sampleFields[name], ...changes }, sampledAt);
}

export const eventNames = Object.keys(sampleFields) as EventName[];
