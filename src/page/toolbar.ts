import { byId, element, setText } from './dom.ts';
import { isShown, labelsOf } from './filter.ts';
import type { Entry } from './migration-row.ts';
import { type Filter, withLabel, withoutLabel, withStanding } from './route.ts';
import { standings } from './status.ts';

export interface Toolbar {
  /** Shows what is filtered by, and returns what that leaves. */
  apply(entries: readonly Entry[], filter: Filter): readonly Entry[];
}

/** The search and the filters. `onChange` is told the filter that somebody has chosen. */
export function createToolbar(onChange: (filter: Filter) => void): Toolbar {
  const search = byId('search', HTMLInputElement);
  const label = byId('label', HTMLSelectElement);
  const chips = byId('filters', HTMLElement);
  const shown = byId('shown', HTMLElement);
  let filter: Filter = { search: '', labels: [] };
  let offered: string | undefined;

  search.addEventListener('input', () => onChange({ ...filter, search: search.value }));
  label.addEventListener('change', () => onChange(withLabel(filter, label.value)));
  const overview = byId('overview', HTMLElement);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || overview.hidden || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    search.focus();
  });

  function offer(entries: readonly Entry[]): void {
    const all = new Set(entries.flatMap(({ view }) => labelsOf(view)));
    const rest = [...all].filter((each) => !filter.labels.includes(each)).toSorted();
    if (rest.join('\n') === offered) return;
    offered = rest.join('\n');
    const first = element('option', { value: '' }, rest.length > 0 ? 'All labels' : 'No labels');
    label.replaceChildren(first, ...rest.map((each) => element('option', { value: each }, each)));
    label.disabled = rest.length === 0;
  }

  /** A button for each filter in use, which takes it away. */
  function showChips(): void {
    const { labels, standing } = filter;
    chips.replaceChildren(
      ...(standing === undefined ? [] : [chip(standings[standing].word, withStanding(filter, standing))]),
      ...labels.map((each) => chip(each, withoutLabel(filter, each))),
    );
  }

  function chip(text: string, without: Filter): HTMLElement {
    const attributes = { type: 'button', class: 'chip', 'aria-label': `Remove the filter ${text}` };
    const button = element('button', attributes, `${text} ×`);
    button.addEventListener('click', () => {
      onChange(without);
      search.focus();
    });
    return button;
  }

  return {
    apply(entries, next) {
      const isOther = next !== filter;
      filter = next;
      if (search.value !== filter.search) search.value = filter.search;
      offer(entries);
      if (isOther) showChips();
      const left = entries.filter(({ view }) => isShown(view, filter));
      const all = entries.length;
      setText(shown, left.length === all ? `${all} in all` : `${left.length} of ${all}`);
      return left;
    },
  };
}
