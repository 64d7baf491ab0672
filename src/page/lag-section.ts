import type { EventRecord } from '../events/event-record.ts';
import { formatSpan } from '../events/format.ts';
import { getJson } from './connection.ts';
import { element, setText } from './dom.ts';
import { columnsOf, marksOf, readyTimesOf } from './lag-history.ts';
import type { Sample } from './migration-row.ts';
import type { Plot } from './plot.ts';
import type { Move } from './plot-window.ts';

/** How far back the plot may look, and how the API writes that. */
const ranges = [
  ['1 h', '1h'],
  ['6 h', '6h'],
  ['24 h', '24h'],
  ['5 d', '5d'],
  ['30 d', '30d'],
] as const;
const usualRange = '24h';

const moves: readonly (readonly [label: string, move: Move])[] = [
  ['Closer', 'closer'],
  ['Further', 'further'],
  ['Earlier', 'earlier'],
  ['Later', 'later'],
  ['All', 'all'],
];

/** One part of the lag samples of a migration. */
interface Page {
  readonly samples: readonly Sample[];
  readonly next?: string;
}

export interface LagSection {
  readonly element: HTMLElement;
  /** Reads everything anew. */
  load(): Promise<void>;
  add(sample: Sample): void;
  mark(events: readonly EventRecord[]): void;
  destroy(): void;
}

/** The lag of one migration over time, with what happened to it. `now` by the watcher's clock, in ms since 1970. */
export function createLagSection(name: string, now: () => number): LagSection {
  const canvas = element('div', { class: 'plot', role: 'img', 'aria-label': `Lag of ${name} over time` });
  const reading = element('p', { class: 'reading', 'aria-hidden': 'true' });
  const words = element('figcaption', {}, 'Reading…');
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
  const looking = element(
    'div',
    { class: 'moves', role: 'group', 'aria-label': 'Part of the plot', hidden: '' },
    ...moveButtons,
  );
  const tools = element('div', { class: 'ranges', role: 'group', 'aria-label': 'Time shown' }, ...buttons);
  const section = element(
    'section',
    { class: 'lag-section', 'aria-label': 'Lag' },
    element('div', { class: 'head' }, element('h3', {}, 'Lag'), reading, tools),
    element('figure', {}, canvas, looking, words),
  );
  let range: string = usualRange;
  let samples: readonly Sample[] = [];
  let events: readonly EventRecord[] = [];
  let plot: Plot | undefined;
  let isRead = false;
  let gone = false;

  async function load(): Promise<void> {
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.range === range));
    const asked = range;
    try {
      // The plot is only loaded where one is looked at.
      const [{ createPlot }, found] = await Promise.all([import('./plot.ts'), readSamples(name, range)]);
      if (gone || asked !== range) return;
      plot ??= createPlot(canvas, (text) => setText(reading, text), now);
      samples = found;
      isRead = true;
      show();
      const [times] = columnsOf(samples);
      const [first, last] = [times[0], times.at(-1)];
      if (first !== undefined && last !== undefined && last > first) plot.zoom(first, last);
    } catch {
      setText(words, 'The samples cannot be read now.');
    }
  }

  function show(): void {
    plot?.show({ columns: columnsOf(samples), marks: marksOf(events), readyTimes: readyTimesOf(events) });
    const isEmpty = samples.length < 2;
    canvas.hidden = isEmpty;
    looking.hidden = isEmpty;
    if (isRead) setText(words, summaryOf(samples));
  }

  return {
    element: section,
    load,
    add(sample) {
      if (plot === undefined || sample.observedAt <= (samples.at(-1)?.observedAt ?? '')) return;
      samples = [...samples, sample];
      show();
    },
    mark(next) {
      events = next;
      show();
    },
    destroy() {
      gone = true;
      plot?.destroy();
    },
  };
}

async function readSamples(name: string, range: string): Promise<readonly Sample[]> {
  const path = `api/migrations/${encodeURIComponent(name)}/lag?since=`;
  const found: Sample[] = [];
  let since: string | undefined = range;
  while (since !== undefined) {
    const page: Page = await getJson<Page>(path + since);
    found.push(...page.samples);
    since = page.next;
  }
  return found;
}

/** Returns in words what the plot shows. */
function summaryOf(samples: readonly Sample[]): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return 'Atlas has told no lag in this time.';
  const lags = samples.map(({ lagTimeSeconds }) => lagTimeSeconds);
  const highest = lags.reduce((one, other) => Math.max(one, other));
  return `${samples.length} samples: ${formatSpan(first.lagTimeSeconds)} at first, ${formatSpan(highest)} at most, ${formatSpan(last.lagTimeSeconds)} now. Draw across the plot to look closer.`;
}
