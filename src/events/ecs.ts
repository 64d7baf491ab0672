import type { EventRecord } from './event-record.ts';

/** The release of the Elastic Common Schema against which the field names are checked. */
const ecsVersion = '9.4.0';

const outcomes: Readonly<Record<string, 'success' | 'failure'>> = {
  'migration.completed': 'success',
  'migration.failed': 'failure',
  'migration.expired': 'failure',
  'watcher.poll_failed': 'failure',
  'watcher.unreachable': 'failure',
  'watcher.recovered': 'success',
};

/**
 * Returns a record under the field names of the Elastic Common Schema; what ECS has no field for goes below
 * `cutover_watch`, as its guidelines for custom fields advise. Level and message are left to the log writer.
 */
export function toEcs(record: EventRecord): Readonly<Record<string, unknown>> {
  const { time, level: _level, service, event, msg: _msg, eventId, labels, ...rest } = record;
  const { errorType, errorCode, detail, httpStatus, version, ...own } = rest;
  const outcome = outcomes[event];
  return {
    '@timestamp': time,
    'ecs.version': ecsVersion,
    'service.name': service,
    ...(version !== undefined && { 'service.version': version }),
    'event.dataset': 'cutover-watch.events',
    'event.kind': 'event',
    'event.action': event,
    ...(eventId !== undefined && { 'event.id': eventId }),
    ...(outcome !== undefined && { 'event.outcome': outcome }),
    ...(labels !== undefined && { labels: withoutDots(labels as object) }),
    ...(errorType !== undefined && { 'error.type': errorType }),
    ...(errorCode !== undefined && { 'error.code': errorCode }),
    ...(detail !== undefined && { 'error.message': detail }),
    ...(httpStatus !== undefined && { 'http.response.status_code': httpStatus }),
    ...(Object.keys(own).length > 0 && { cutover_watch: own }),
  };
}

/** Elasticsearch treats a dot in a name as an object, and ECS allows no dot in labels. */
function withoutDots(labels: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name.replaceAll('.', '_'), text]));
}
