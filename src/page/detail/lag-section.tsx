import type { VNode } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import type { TimelineView } from '../../server/timeline-api.ts';
import { laneMarks } from '../../watch/migration/lane.ts';
import { isCurrent } from '../../watch/migration/urgency.ts';
import { getJson } from '../data/api.ts';
import { keyOf } from '../data/migration-row.ts';
import { LaneDrawing } from '../list/lane.tsx';
import { aheadOf, laneText } from '../list/lane-of.ts';
import { Legend } from '../list/legend.tsx';
import { memo } from '../memo.ts';
import { factsOf } from '../status.ts';
import { localText } from '../times.ts';
import { Fault } from './fault.tsx';
import { columnsOf, plotLabelsOf } from './lag-history.ts';
import { LagPlot } from './lag-plot.tsx';
import { lagSummary } from './lag-words.ts';
import { useLoaded } from './loaded.ts';
import type { PlotPlace } from './plot.ts';
import { PlotControls } from './plot-controls.tsx';
import { aheadLabels, endOf, fillsOf, laneWithin } from './plot-lane.ts';
import { isNear, moveWindow, type Range, selected, type TimeWindow, wholeAxis } from './plot-window.ts';
import { readSamples, type Sample, withLatest } from './samples.ts';
import { useLagScale } from './use-lag-scale.ts';

interface LagSectionProps {
  readonly view: MigrationView;
  /** Path of the migration in the API. */
  readonly path: string;
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  /** Another number says that some samples may have been missed. */
  readonly reconnects: number;
  /** After this moment nothing is known, in ms since 1970; undefined while what is shown is current. */
  readonly knownUntil: number | undefined;
  /** Milliseconds since 1970, by the watcher's clock, in steps of some seconds: the axis ends now. */
  readonly now: number;
}

/** Shows the lag of one migration over time, with its phases and what lies ahead. */
export const LagSection = memo(({ view, path, events, reconnects, knownUntil, now }: LagSectionProps) => {
  const [range, setRange] = useState<Range>('24h');
  const [wantsAhead, setWantsAhead] = useState<boolean | undefined>();
  const [zoom, setZoom] = useState<TimeWindow | undefined>();
  const [scale, setScale] = useLagScale();
  const [place, setPlace] = useState<PlotPlace | undefined>();
  const code = useLoaded(() => import('./plot.ts'), []);
  const stored = useLoaded(() => readSamples(path, range), [path, range, reconnects]);
  const timeline = useLoaded(
    () => getJson<TimelineView>(`api/timeline?migration=${view.liveMigrationId}&from=${range}`),
    [view.liveMigrationId, range, reconnects, events.length],
  );
  const live = useLive(stored.value, view);

  const ahead = aheadOf(view, now);
  const end = endOf(ahead);
  const hasAhead = end !== undefined && end > now;
  const showsAhead = hasAhead && (wantsAhead ?? isNear(range, now / 1000, end / 1000));
  const whole = wholeAxis(range, now / 1000, showsAhead ? end / 1000 : undefined);
  const shown = zoom === undefined ? whole : (selected(zoom, whole) ?? whole);
  const lane = laneWithin(shown, now, Math.min(now, knownUntil ?? now), timeline.value, keyOf(view), ahead);
  const marks = laneMarks(lane);
  const legend = [...new Map(fillsOf(marks).map(({ name, className }) => [name, className]))];
  const columns = useMemo(() => columnsOf(live), [live]);
  const labels = [...plotLabelsOf(events), ...aheadLabels(ahead, now, showsAhead)];
  const isEmpty = stored.value !== undefined && live.length === 0;
  const fault = code.fault ?? stored.fault;
  const isReading = fault === undefined && (code.value === undefined || stored.value === undefined);
  const showZoom = (next: TimeWindow | undefined): void => setZoom(next === whole ? undefined : next);
  const retry = (): void => {
    code.retry();
    stored.retry();
  };

  return (
    <section class="lag-section" aria-labelledby="lag-heading">
      <div class="head">
        <h3 id="lag-heading">Lag</h3>
        <PlotControls
          range={range}
          onRange={(next) => {
            setRange(next);
            setZoom(undefined);
          }}
          scale={isEmpty ? undefined : scale}
          onScale={setScale}
          ahead={hasAhead ? showsAhead : undefined}
          onAhead={(next) => {
            setWantsAhead(next);
            setZoom(undefined);
          }}
        />
      </div>
      <figure>
        {lane.spans.length > 0 && (
          <div class="strip" style={isEmpty ? undefined : areaOf(place)}>
            <LaneDrawing lane={lane} text={laneText(lane.spans, ahead, now)} />
          </div>
        )}
        {lane.spans.length > 0 && isEmpty && <StripEnds shown={shown} now={now} />}
        {code.value !== undefined && stored.value !== undefined && !isEmpty && (
          <LagPlot
            createPlot={code.value.createPlot}
            name={view.migration}
            contents={{ columns, marks: fillsOf(marks), labels, shown, scale }}
            whole={whole}
            now={now}
            onShown={showZoom}
            onMove={(move, anchor) => showZoom(moveWindow(move, shown, whole, anchor))}
            place={place}
            onPlace={(next) => setPlace((former) => (isSamePlace(former, next) ? former : next))}
          />
        )}
        {isReading && <p class="pending">Loading…</p>}
        {fault !== undefined && <Fault what="the lag history" fault={fault} onRetry={retry} />}
        {timeline.fault !== undefined && (
          <Fault what="the phases" fault={timeline.fault} onRetry={timeline.retry} />
        )}
        {legend.length > 0 && <Legend shown={legend} />}
        {stored.value !== undefined && (
          <figcaption>
            {lagSummary(live, {
              shown,
              isWhole: zoom === undefined,
              isCurrent: isCurrent(factsOf(view), now),
              now,
            })}
          </figcaption>
        )}
      </figure>
    </section>
  );
});

/** Returns the stored samples with those that came since they were loaded. */
function useLive(stored: readonly Sample[] | undefined, view: MigrationView): readonly Sample[] {
  const known = useRef<{ stored: readonly Sample[] | undefined; live: readonly Sample[] }>({
    stored: undefined,
    live: [],
  });
  if (known.current.stored !== stored) known.current = { stored, live: stored ?? [] };
  if (stored !== undefined) known.current = { stored, live: withLatest(known.current.live, view) };
  return known.current.live;
}

function isSamePlace(one: PlotPlace | undefined, other: PlotPlace): boolean {
  return one?.left === other.left && one.width === other.width;
}

/** Without a plot, nothing else says what time the strip shows. */
function StripEnds({ shown, now }: { readonly shown: TimeWindow; readonly now: number }): VNode {
  const text = (seconds: number): string => localText(seconds * 1000, now);
  return (
    <p class="ends">
      <span>{text(shown.from)}</span>
      <span>{shown.to * 1000 <= now ? 'now' : text(shown.to)}</span>
    </p>
  );
}

/** The strip is as wide as the plot area, and above it. */
function areaOf(
  place: PlotPlace | undefined,
): { readonly marginLeft: string; readonly width: string } | undefined {
  return place && { marginLeft: `${place.left * 100}%`, width: `${place.width * 100}%` };
}
