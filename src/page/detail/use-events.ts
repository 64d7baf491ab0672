import { useMemo, useRef } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import { getJson } from '../data/api.ts';
import { type Loaded, useLoaded } from './loaded.ts';

/** As many of the latest events are loaded. */
const loadedEvents = 500;

/**
 * Returns the events of a migration, oldest first: those that are stored, then those of the stream. While the stored ones
 * can't be loaded, those of the stream are still there.
 */
export function useOwnEvents(
  { liveMigrationId, groupId }: Pick<MigrationView, 'liveMigrationId' | 'groupId'>,
  path: string,
  streamed: readonly EventRecord[],
  reconnects: number,
): Omit<Loaded<unknown>, 'value'> & { readonly events: readonly EventRecord[]; readonly isLoaded: boolean } {
  const { value, ...stored } = useLoaded(
    () => getJson<{ readonly events: readonly EventRecord[] }>(`${path}/events?last=${loadedEvents}`),
    [path, reconnects],
  );
  // The stream keeps the latest of all migrations: what has been seen of this one stays.
  const live = useRef<readonly EventRecord[]>([]);
  live.current = useMemo(
    () =>
      merged(
        live.current,
        streamed.filter((record) => isAbout(record, liveMigrationId, groupId)),
      ),
    [streamed, liveMigrationId, groupId],
  );
  const own = live.current;
  const events = useMemo(() => merged(value?.events ?? [], own), [value, own]);
  return { ...stored, events, isLoaded: value !== undefined };
}

/** Returns `known` with those of `more` that are not in it, each once. */
function merged(known: readonly EventRecord[], more: readonly EventRecord[]): readonly EventRecord[] {
  const ids = new Set(known.map(({ eventId }) => eventId));
  const others = new Map(more.filter(({ eventId }) => !ids.has(eventId)).map((each) => [each.eventId, each]));
  return others.size === 0 ? known : [...known, ...others.values()];
}

function isAbout(record: EventRecord, liveMigrationId: string, groupId: string): boolean {
  switch (record.scope) {
    case 'account':
      return true;
    case 'project':
      return record.groupId === groupId;
    default:
      return record.liveMigrationId === liveMigrationId && record.groupId === groupId;
  }
}
