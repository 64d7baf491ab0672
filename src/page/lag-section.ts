import type { EventRecord } from '../events/event-record.ts';
import { formatSpan } from '../events/format.ts';
import { getJson } from './connection.ts';
import { element, setText } from './dom.ts';
import { columnsOf, plotLabelsOf, readyTimesOf } from './lag-history.ts';
import type { Sample } from './migration-row.ts';
import type { Plot } from './plot.ts';
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

export interface LagSection {
  readonly element: HTMLElement;
  /** Loads all samples of the shown time. */
  load(): Promise<void>;
  add(sample: Sample): void;
  showEvents(events: readonly EventRecord[]): void;
  destroy(): void;
}

/** Shows the lag of one migration over time, with its events. `now` returns the watcher's time, in ms since 1970. */
export function createLagSection(name: string, now: () => number): LagSection {
  const canvas = element('div', { class: 'plot', role: 'img', 'aria-label': `Lag of ${name} over time` });
  const reading = element('p', { class: 'reading', 'aria-hidden': 'true' });
  const caption = element('figcaption', {}, 'Loading…');
  const buttons = ranges.map(([label, value]) => {
    const button = element('button', { type: 'button', class: 'small', 'data-range': value }, label);
    button.addEventListener('click', () => {
      range = value;
      void load();
    });
    return button;
  });
  const moveButtons = moves.map(([label, move]) => {
    const button = element('button', { type: 'button', class: 'small' }, label);
    button.addEventListener('click', () => plot?.move(move));
    return button;
  });
  const moveGroup = element(
    'div',
    { class: 'moves', role: 'group', 'aria-label': 'Part of the plot', hidden: '' },
    ...moveButtons,
  );
  const tools = element('div', { class: 'ranges', role: 'group', 'aria-label': 'Time shown' }, ...buttons);
  const section = element(
    'section',
    { class: 'lag-section', 'aria-label': 'Lag' },
    element('div', { class: 'head' }, element('h3', {}, 'Lag'), reading, tools),
    element('figure', {}, canvas, moveGroup, caption),
  );
  let range: string = defaultRange;
  let samples: readonly Sample[] = [];
  let events: readonly EventRecord[] = [];
  let plot: Plot | undefined;
  let isLoaded = false;
  let isDestroyed = false;

  async function load(): Promise<void> {
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.range === range));
    const requested = range;
    try {
      // The code of the plot is loaded with the first detail, not with the list.
      const [{ createPlot }, found] = await Promise.all([import('./plot.ts'), readSamples(name, range)]);
      if (isDestroyed || requested !== range) return;
      plot ??= createPlot(canvas, (text) => setText(reading, text), now);
      samples = found;
      isLoaded = true;
      show();
      const [times] = columnsOf(samples);
      const [first, last] = [times[0], times.at(-1)];
      if (first !== undefined && last !== undefined && last > first) plot.zoom(first, last);
    } catch {
      setText(caption, "The lag samples can't be loaded now.");
    }
  }

  function show(): void {
    plot?.show({
      columns: columnsOf(samples),
      labels: plotLabelsOf(events),
      readyTimes: readyTimesOf(events),
    });
    const isEmpty = samples.length < 2;
    canvas.hidden = isEmpty;
    moveGroup.hidden = isEmpty;
    if (isLoaded) setText(caption, summaryOf(samples));
  }

  return {
    element: section,
    load,
    add(sample) {
      if (plot === undefined || sample.observedAt <= (samples.at(-1)?.observedAt ?? '')) return;
      samples = [...samples, sample];
      show();
    },
    showEvents(next) {
      events = next;
      show();
    },
    destroy() {
      isDestroyed = true;
      plot?.destroy();
    },
  };
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
