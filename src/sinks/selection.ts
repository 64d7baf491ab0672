import { matchesPattern } from '../config/event-pattern.ts';
import type { SinkSettings } from '../config/sink-settings.ts';
import type { EventRecord } from '../events/event-record.ts';
import { type IncidentChange, incidentChanges, triggersOf } from './incidents.ts';

type Choice = Pick<SinkSettings, 'name' | 'type' | 'level' | 'events' | 'labels'>;

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** Returns whether an event is sent to a receiver. What is about the receiver itself goes to the others. */
export function isSelected(settings: Choice, record: EventRecord): boolean {
  if (record.sink === settings.name || !hasLabels(settings, record)) return false;
  return settings.type === 'pagerduty'
    ? selectedChanges(settings, record).length > 0
    : isWanted(settings, record);
}

/**
 * Returns what an event does to the incidents of a receiver that keeps them. It triggers one only if level and names
 * let the event pass. What resolves or acknowledges an incident passes wherever one of its triggers may have passed,
 * whatever its level: otherwise the incident would stay open.
 */
export function selectedChanges(settings: Choice, record: EventRecord): readonly IncidentChange[] {
  return incidentChanges(record).filter(({ incident, action }) =>
    action === 'trigger'
      ? isWanted(settings, record)
      : [record.event, ...triggersOf(incident)].some((name) => matchesOne(settings.events, name)),
  );
}

function isWanted({ level, events }: Choice, record: EventRecord): boolean {
  return levels.indexOf(record.level) >= levels.indexOf(level) && matchesOne(events, record.event);
}

function hasLabels({ labels }: Choice, { migration, labels: own }: EventRecord): boolean {
  if (migration === undefined) return true;
  const given = new Map(typeof own === 'object' && own !== null ? Object.entries(own) : []);
  return Object.entries(labels).every(([name, value]) => given.get(name) === value);
}

/** Returns whether one of the patterns fits; without patterns, every name does. */
function matchesOne(patterns: readonly string[], name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesPattern(pattern, name));
}
