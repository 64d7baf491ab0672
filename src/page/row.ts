import { formatSpan } from '../events/format.ts';
import { badge, showBadge } from './badge.ts';
import { element, setAttribute, setText, svgElement } from './dom.ts';
import { labelsOf } from './filter.ts';
import type { Entry, Sample } from './migration-row.ts';
import { outlookOf } from './next-step.ts';
import { sparkHeight, sparkPath, sparkWidth } from './sparkline.ts';
import { readinessWord, sinceOf, trendText } from './texts.ts';
import { showTime, timeElement } from './time-element.ts';
import { ago, localText } from './times.ts';

/** A migration in the table. Its cells are made once, and rewritten where they change. */
export interface Row {
  readonly element: HTMLTableRowElement;
  readonly link: HTMLAnchorElement;
  /** Takes what is known now, all but what goes with time; `address` is that of the migration in detail. */
  update(entry: Entry, address: string): void;
  /** Lets time pass: what counts up or down goes on. `now` in ms since 1970, by the watcher's clock. */
  tick(now: number): void;
}

export function createRow(onLabel: (label: string) => void): Row {
  const state = badge();
  const link = element('a', { class: 'name' });
  const labels = element('span', { class: 'labels' });
  const status = element('span', { class: 'main' });
  const readiness = element('span', { class: 'note' });
  const lag = element('span', { class: 'main' });
  const trend = element('span', { class: 'note' });
  const line = svgElement('path', {});
  const size = {
    viewBox: `0 0 ${sparkWidth} ${sparkHeight}`,
    width: `${sparkWidth}`,
    height: `${sparkHeight}`,
  };
  const spark = svgElement('svg', { class: 'spark', 'aria-hidden': 'true', ...size }, line);
  const outlook = element('span', { class: 'main outlook' });
  const qualifier = element('span', { class: 'note' });
  const sinceWord = element('span', { class: 'note' });
  const since = timeElement();
  const seen = timeElement();
  const failing = element('span', { class: 'note failing' });
  const lagText = element('span', { class: 'two' }, lag, trend);
  const row = element(
    'tr',
    { role: 'row' },
    cell('state', state),
    cell('who', link, labels),
    cell('atlas', status, readiness),
    cell('lag', lagText, spark),
    cell('next', outlook, qualifier),
    cell('since', since, sinceWord),
    cell('seen', seen, failing),
  );
  let shown: Entry | undefined;
  let drawn: readonly Sample[] | undefined;
  let labelled = '';

  function tick(now: number): void {
    if (shown === undefined) return;
    const { view } = shown;
    const { main, note = '', pressing = '' } = outlookOf(view, now);
    setText(outlook, main);
    setText(qualifier, note);
    setAttribute(outlook, 'data-pressing', pressing);
    const begin = sinceOf(view);
    showTime(since, begin?.at, begin === undefined ? '' : localText(begin.at, now));
    setText(sinceWord, begin?.word ?? '');
    const { observedAt } = view;
    showTime(seen, observedAt, observedAt ? ago((now - Date.parse(observedAt)) / 1000) : '');
  }

  return {
    element: row,
    link,
    update(entry, address) {
      setAttribute(link, 'href', address);
      if (entry === shown) return;
      shown = entry;
      const { view, samples } = entry;
      showBadge(state, view);
      setAttribute(row, 'data-standing', state.dataset.standing ?? '');
      setText(link, view.migration);
      setText(status, view.status ?? '–');
      setText(readiness, readinessWord(view));
      setText(lag, view.lagTimeSeconds === undefined ? '–' : formatSpan(view.lagTimeSeconds));
      setText(trend, trendText(view));
      setText(failing, view.outage === undefined ? '' : 'polls fail');
      if (samples !== drawn) setAttribute(line, 'd', sparkPath(samples));
      drawn = samples;
      const own = labelsOf(view);
      if (own.join('\n') !== labelled)
        labels.replaceChildren(...own.map((label) => labelButton(label, onLabel)));
      labelled = own.join('\n');
    },
    tick,
  };
}

function cell(name: string, ...children: readonly Node[]): HTMLTableCellElement {
  return element('td', { role: 'cell', class: name }, ...children);
}

function labelButton(label: string, onLabel: (label: string) => void): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'label', title: `Show only ${label}` }, label);
  button.addEventListener('click', () => onLabel(label));
  return button;
}
