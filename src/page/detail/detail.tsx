import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import { Badge, Sign } from '../badge.tsx';
import { getJson } from '../data/api.ts';
import { keyOf, type MigrationRow } from '../data/migration-row.ts';
import { labelsOf } from '../filter.ts';
import { nextStepOf } from '../next-step.ts';
import { Facts } from './facts.tsx';
import { LagSection } from './lag-section.tsx';
import { Timeline } from './timeline.tsx';

interface DetailProps {
  /** The name by which it is asked for. */
  readonly name: string;
  /** Undefined where none with this name is watched. */
  readonly row: MigrationRow | undefined;
  /** Address of the list, as it is filtered. */
  readonly listAddress: string;
  /** Origin of the Atlas console. */
  readonly consoleUrl: string;
  /** The latest events of the stream, oldest first. */
  readonly events: readonly EventRecord[];
  /** Another number says that some events and samples may have been missed. */
  readonly reconnects: number;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** One migration in detail: next step, facts, lag and events. */
export function Detail({ name, row, listAddress, ...props }: DetailProps): VNode {
  const back = (
    <p>
      <a href={listAddress}>← All migrations</a>
    </p>
  );
  return (
    <section id="detail" aria-labelledby="detail-name">
      {row === undefined ? (
        <div class="empty">
          <h2 id="detail-name">Not found</h2>
          <p>No migration called {name} is watched.</p>
          {back}
        </div>
      ) : (
        <Contents key={keyOf(row.view) + row.view.migration} row={row} back={back} {...props} />
      )}
    </section>
  );
}

interface ContentsProps extends Omit<DetailProps, 'name' | 'row' | 'listAddress'> {
  readonly row: MigrationRow;
  readonly back: VNode;
}

function Contents({ row, back, consoleUrl, events, reconnects, now }: ContentsProps): VNode {
  const { view, samples } = row;
  const { main, note, pressing } = nextStepOf(view, now);
  const own = useOwnEvents(view, events, reconnects);
  return (
    <div class="detail">
      {back}
      <div class="title">
        <h2 id="detail-name" tabIndex={-1}>
          {view.migration}
        </h2>
        <Badge view={view} now={now} />
        {labelsOf(view).map((label) => (
          <span key={label} class="label">
            {label}
          </span>
        ))}
      </div>
      <div class="next">
        <p class="next-step big" data-pressing={pressing}>
          {main}
        </p>
        <p class="note">{note}</p>
      </div>
      <Remedy view={view} />
      <LagSection name={view.migration} latest={samples.at(-1)} events={own} reconnects={reconnects} />
      <section class="about" aria-label="Facts">
        <h3>Facts</h3>
        <Facts view={view} consoleUrl={consoleUrl} now={now} />
      </section>
      <section class="events" aria-label="Events">
        <h3>Events</h3>
        <Timeline events={own} />
      </section>
    </div>
  );
}

/** Shows what went wrong and what to do, while polls fail. */
function Remedy({ view: { outage, reachable } }: Pick<MigrationRow, 'view'>): VNode | null {
  if (outage === undefined) return null;
  const { errorType, httpStatus, detail, remedy, failures } = outage;
  const reason = [errorType?.replaceAll('_', ' '), httpStatus && `HTTP ${httpStatus}`]
    .filter(Boolean)
    .join(', ');
  const head = reachable === false ? "Can't be read" : 'Polls fail';
  const polls = failures === 1 ? '1 failed poll' : `${failures} failed polls in a row`;
  return (
    <div class="remedy">
      <h3>
        <Sign sign="▲" /> {`${head}${reason && ` (${reason})`}: ${polls}`}
      </h3>
      <p>{detail}</p>
      <p class="todo">{remedy}</p>
    </div>
  );
}

/** As many of the latest events are loaded. */
const loadedEvents = 500;

/** Returns the events of a migration, oldest first: those that are stored, then those of the stream. */
function useOwnEvents(
  view: MigrationRow['view'],
  streamed: readonly EventRecord[],
  reconnects: number,
): readonly EventRecord[] {
  const { migration, groupId } = view;
  const [own, setOwn] = useState<readonly EventRecord[]>([]);
  useEffect(() => {
    let isCurrent = true;
    const path = `api/migrations/${encodeURIComponent(migration)}/events?last=${loadedEvents}`;
    const load = async (): Promise<void> => {
      try {
        const { events } = await getJson<{ readonly events: readonly EventRecord[] }>(path);
        if (isCurrent) setOwn((known) => merged(events, known));
      } catch {
        // While the state file can't be read, the stream's data is still shown.
      }
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [migration, reconnects]);
  useEffect(() => {
    const news = streamed.filter((record) => isAbout(record, { migration, groupId }));
    setOwn((known) => merged(known, news));
  }, [migration, groupId, streamed]);
  return own;
}

/** Returns `known` with those of `more` that are not in it; `known` itself if there are none. */
function merged(known: readonly EventRecord[], more: readonly EventRecord[]): readonly EventRecord[] {
  const ids = new Set(known.map(({ eventId }) => eventId));
  const others = new Map(more.filter(({ eventId }) => !ids.has(eventId)).map((each) => [each.eventId, each]));
  return others.size === 0 ? known : [...known, ...others.values()];
}

function isAbout(
  record: EventRecord,
  { migration, groupId }: { readonly migration: string; readonly groupId: string },
): boolean {
  switch (record.scope) {
    case 'account':
      return true;
    case 'project':
      return record.groupId === groupId;
    default:
      return record.migration === migration;
  }
}
