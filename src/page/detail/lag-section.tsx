import type { VNode } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import { formatSpan } from '../../events/format.ts';
import { ClockContext } from '../clock.ts';
import { getJson } from '../data/api.ts';
import type { Sample } from '../data/migration-row.ts';
import { memo } from '../memo.ts';
import { columnsOf, plotLabelsOf, readyTimesOf } from './lag-history.ts';
import type { createPlot, Plot } from './plot.ts';
import type { Move } from './plot-window.ts';

/** The times that the plot can show, as the button has them and as the API takes them. */
const ranges = [
  ['1 h', '1h'],
  ['6 h', '6h'],
  ['24 h', '24h'],
  ['5 d', '5d'],
  ['30 d', '30d'],
] as const;
const defaultRange = '24h';

const moves: readonly (readonly [label: string, move: Move])[] = [
  ['Zoom in', 'zoom-in'],
  ['Zoom out', 'zoom-out'],
  ['Earlier', 'earlier'],
  ['Later', 'later'],
  ['All', 'all'],
];

/** One page of the lag samples of a migration; `next` is where the next page starts. */
interface SamplePage {
  readonly samples: readonly Sample[];
  readonly next?: string;
}

interface LagSectionProps {
  readonly name: string;
  /** The latest sample. */
  readonly latest: Sample | undefined;
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  /** Another number says that some samples may have been missed. */
  readonly reconnects: number;
}

/** What has been loaded: the samples of the shown time, and the plot, whose code comes with the first detail. */
interface Loaded {
  readonly samples: readonly Sample[];
  readonly createPlot: typeof createPlot;
  /** Counts what is loaded: the plot then shows all of it. */
  readonly number: number;
}

/** Shows the lag of one migration over time, with its events. */
export const LagSection = memo(({ name, latest, events, reconnects }: LagSectionProps) => {
  const clock = useContext(ClockContext);
  const [range, setRange] = useState<string>(defaultRange);
  const [loaded, setLoaded] = useState<Loaded | undefined>();
  const [hasFailed, setFailed] = useState(false);
  const [reading, setReading] = useState('');
  const canvas = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const zoomed = useRef(0);

  useEffect(() => {
    let isCurrent = true;
    const load = async (): Promise<void> => {
      try {
        const [plotting, samples] = await Promise.all([import('./plot.ts'), readSamples(name, range)]);
        if (!isCurrent) return;
        setFailed(false);
        setLoaded((former) => ({
          samples,
          createPlot: plotting.createPlot,
          number: (former?.number ?? 0) + 1,
        }));
      } catch {
        if (isCurrent) setFailed(true);
      }
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [name, range, reconnects]);

  useEffect(() => {
    if (latest === undefined) return;
    setLoaded((known) =>
      known === undefined || latest.observedAt <= (known.samples.at(-1)?.observedAt ?? '')
        ? known
        : { ...known, samples: [...known.samples, latest] },
    );
  }, [latest]);

  useLayoutEffect(() => {
    if (loaded === undefined || canvas.current === null) return;
    plot.current ??= loaded.createPlot(canvas.current, setReading, () => clock.now);
    const columns = columnsOf(loaded.samples);
    plot.current.show({ columns, labels: plotLabelsOf(events), readyTimes: readyTimesOf(events) });
    if (zoomed.current === loaded.number) return;
    zoomed.current = loaded.number;
    const [first, last] = [columns[0][0], columns[0].at(-1)];
    if (first !== undefined && last !== undefined && last > first) plot.current.zoom(first, last);
  }, [loaded, events, clock]);

  useEffect(() => () => plot.current?.destroy(), []);

  const isEmpty = loaded !== undefined && loaded.samples.length < 2;
  return (
    <section class="lag-section" aria-label="Lag">
      <div class="head">
        <h3>Lag</h3>
        <p class="reading" aria-hidden="true">
          {reading}
        </p>
        <Ranges shown={range} onRange={setRange} />
      </div>
      <figure>
        <div ref={canvas} class="plot" role="img" aria-label={`Lag of ${name} over time`} hidden={isEmpty} />
        <div
          class="moves"
          role="group"
          aria-label="Part of the plot"
          hidden={loaded === undefined || isEmpty}
        >
          {moves.map(([label, move]) => (
            <button key={move} type="button" class="small" onClick={() => plot.current?.move(move)}>
              {label}
            </button>
          ))}
        </div>
        <figcaption>
          {hasFailed
            ? "The lag samples can't be loaded now."
            : loaded === undefined
              ? 'Loading…'
              : summaryOf(loaded.samples)}
        </figcaption>
      </figure>
    </section>
  );
});

interface RangesProps {
  readonly shown: string;
  readonly onRange: (range: string) => void;
}

function Ranges({ shown, onRange }: RangesProps): VNode {
  return (
    <div class="ranges" role="group" aria-label="Time shown">
      {ranges.map(([label, value]) => (
        <button
          key={value}
          type="button"
          class="small"
          data-range={value}
          aria-pressed={value === shown}
          onClick={() => onRange(value)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

async function readSamples(name: string, range: string): Promise<readonly Sample[]> {
  const path = `api/migrations/${encodeURIComponent(name)}/lag?since=`;
  const found: Sample[] = [];
  let since: string | undefined = range;
  while (since !== undefined) {
    const page: SamplePage = await getJson<SamplePage>(path + since);
    found.push(...page.samples);
    since = page.next;
  }
  return found;
}

/** Returns a summary of the plot in words. */
function summaryOf(samples: readonly Sample[]): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return 'Atlas reported no lag in this time.';
  const lags = samples.map(({ lagTimeSeconds }) => lagTimeSeconds);
  const highest = lags.reduce((one, other) => Math.max(one, other));
  return `${samples.length} samples: ${formatSpan(first.lagTimeSeconds)} at first, ${formatSpan(highest)} at most, ${formatSpan(last.lagTimeSeconds)} now. Drag across the plot to zoom in.`;
}
