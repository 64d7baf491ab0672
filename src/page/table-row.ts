import { formatSpan } from '../events/format.ts';
import { badge, showBadge } from './badge.ts';
import { element, setAttribute, setText, showTime, svgElement } from './dom.ts';
import { labelsOf } from './filter.ts';
import type { MigrationRow, Sample } from './migration-row.ts';
import { nextStepOf } from './next-step.ts';
import { sparkHeight, sparkPath, sparkWidth } from './sparkline.ts';
import { readinessWord, sinceOf, trendText } from './texts.ts';
import { ago, localText } from './times.ts';

/** A migration in the table. Its cells are created once and rewritten when they change. */
export interface TableRow {
  readonly element: HTMLTableRowElement;
  readonly link: HTMLAnchorElement;
  /** Shows a newer state, except the cells that depend on the time. `address` is that of the detail. */
  update(row: MigrationRow, address: string): void;
  /** Updates the cells that depend on the time. `now` in ms since 1970, by the watcher's clock. */
  tick(now: number): void;
}

export function createTableRow(onLabel: (label: string) => void): TableRow {
  const statusBadge = badge();
  const link = element('a', { class: 'name' });
  const labels = element('span', { class: 'labels' });
  const status = element('span', { class: 'main' });
  const readiness = element('span', { class: 'note' });
  const lag = element('span', { class: 'main' });
  const trend = element('span', { class: 'note' });
  const sparkline = svgElement('path', {});
  const size = {
    viewBox: `0 0 ${sparkWidth} ${sparkHeight}`,
    width: `${sparkWidth}`,
    height: `${sparkHeight}`,
  };
  const spark = svgElement('svg', { class: 'spark', 'aria-hidden': 'true', ...size }, sparkline);
  const nextStep = element('span', { class: 'main next-step' });
  const qualifier = element('span', { class: 'note' });
  const sinceWord = element('span', { class: 'note' });
  const since = element('time');
  const seen = element('time');
  const failing = element('span', { class: 'note failing' });
  const lagLines = element('span', { class: 'two' }, lag, trend);
  const tableRow = element(
    'tr',
    { role: 'row' },
    cell('state', statusBadge),
    cell('who', link, labels),
    cell('atlas', status, readiness),
    cell('lag', lagLines, spark),
    cell('next', nextStep, qualifier),
    cell('since', since, sinceWord),
    cell('seen', seen, failing),
  );
  let shown: MigrationRow | undefined;
  let drawn: readonly Sample[] | undefined;
  let shownLabels = '';

  function tick(now: number): void {
    if (shown === undefined) return;
    const { view } = shown;
    const { main, note = '', pressing = '' } = nextStepOf(view, now);
    setText(nextStep, main);
    setText(qualifier, note);
    setAttribute(nextStep, 'data-pressing', pressing);
    const begin = sinceOf(view);
    showTime(since, begin?.at, begin === undefined ? '' : localText(begin.at, now));
    setText(sinceWord, begin?.word ?? '');
    const { observedAt } = view;
    showTime(seen, observedAt, observedAt ? ago((now - Date.parse(observedAt)) / 1000) : '');
  }

  return {
    element: tableRow,
    link,
    update(row, address) {
      setAttribute(link, 'href', address);
      if (row === shown) return;
      shown = row;
      const { view, samples } = row;
      showBadge(statusBadge, view);
      setAttribute(tableRow, 'data-status', statusBadge.dataset.status ?? '');
      setText(link, view.migration);
      setText(status, view.status ?? '–');
      setText(readiness, readinessWord(view));
      setText(lag, view.lagTimeSeconds === undefined ? '–' : formatSpan(view.lagTimeSeconds));
      setText(trend, trendText(view));
      setText(failing, view.outage === undefined ? '' : 'polls fail');
      if (samples !== drawn) setAttribute(sparkline, 'd', sparkPath(samples));
      drawn = samples;
      const own = labelsOf(view);
      if (own.join('\n') !== shownLabels)
        labels.replaceChildren(...own.map((label) => labelButton(label, onLabel)));
      shownLabels = own.join('\n');
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
