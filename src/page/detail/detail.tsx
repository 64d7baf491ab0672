import type { VNode } from 'preact';
import type { EventRecord } from '../../events/event-record.ts';
import { Badge } from '../badge.tsx';
import { keyOf, type MigrationRow } from '../data/migration-row.ts';
import { labelsOf } from '../filter.ts';
import { statusOf } from '../status.ts';
import { localText } from '../times.ts';
import { adviceOf } from './advice.ts';
import { AdvicePanel } from './advice-panel.tsx';
import { Facts } from './facts.tsx';
import { Fault } from './fault.tsx';
import { LagSection } from './lag-section.tsx';
import { Timeline } from './timeline.tsx';
import { useOwnEvents } from './use-events.ts';

interface DetailProps {
  /** The name or id by which it is asked for. */
  readonly name: string;
  /** Undefined where none with this name or id is watched. */
  readonly row: MigrationRow | undefined;
  /** Address of the list, as it is filtered. */
  readonly listAddress: string;
  /** Origin of the Atlas console. */
  readonly consoleUrl: string;
  /** The latest events of the stream, oldest first. */
  readonly events: readonly EventRecord[];
  /** Another number says that some events and samples may have been missed. */
  readonly reconnects: number;
  /** After this moment nothing is known, in ms since 1970; undefined while what is shown is current. */
  readonly knownUntil: number | undefined;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** The plot moves on this often. In ms. */
const plotEveryMs = 5_000;
/** The times of events have their date once they are of another day: that is looked at this often. In ms. */
const dateEveryMs = 60_000;

/** One migration in detail: what to do, lag, events, facts. */
export function Detail({ name, row, listAddress, ...props }: DetailProps): VNode {
  const back = (
    <p class="back">
      <a href={listAddress} data-back>
        ← All migrations
      </a>
    </p>
  );
  return (
    <section id="detail" aria-labelledby="detail-name">
      {row === undefined ? (
        <div class="empty">
          <h2 id="detail-name" tabIndex={-1}>
            Not found
          </h2>
          <p>Migration "{name}" isn't being watched (removed or renamed?)</p>
          {back}
        </div>
      ) : (
        <Contents key={keyOf(row.view)} row={row} back={back} {...props} />
      )}
    </section>
  );
}

interface ContentsProps extends Omit<DetailProps, 'name' | 'row' | 'listAddress'> {
  readonly row: MigrationRow;
  readonly back: VNode;
}

function Contents({ row, back, consoleUrl, events, reconnects, knownUntil, now }: ContentsProps): VNode {
  const { view } = row;
  const path = `api/migrations/${encodeURIComponent(view.liveMigrationId)}`;
  const own = useOwnEvents(view, path, events, reconnects);
  const stall = own.events.findLast(({ event }) => event === 'migration.lag_stalled');
  const advice = adviceOf({ view, now, when: (isoTime) => localText(isoTime, now), stall });
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
      <AdvicePanel
        advice={advice}
        status={statusOf(view, now)}
        consoleAddress={`${consoleUrl}/v2/${view.groupId}`}
        reportAddress={`${path}/report`}
      />
      <LagSection
        view={view}
        path={path}
        events={own.events}
        reconnects={reconnects}
        knownUntil={knownUntil}
        now={Math.floor(now / plotEveryMs) * plotEveryMs}
      />
      <section class="events" aria-labelledby="events-heading">
        <h3 id="events-heading">Events</h3>
        {own.fault !== undefined && <Fault what="the events" fault={own.fault} onRetry={own.retry} />}
        {own.events.length > 0 ? (
          <Timeline events={own.events} now={Math.floor(now / dateEveryMs) * dateEveryMs} />
        ) : (
          own.fault === undefined && <p class="pending">{own.isLoaded ? 'No events yet.' : 'Loading…'}</p>
        )}
      </section>
      <section class="about" aria-labelledby="facts-heading">
        <h3 id="facts-heading">Facts</h3>
        <Facts view={view} now={now} />
      </section>
    </div>
  );
}
