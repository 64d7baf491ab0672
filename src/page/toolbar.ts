import { byId, element, setText } from './dom.ts';
import { isShown, labelsOf } from './filter.ts';
import type { MigrationRow } from './migration-row.ts';
import { type Filter, withLabel, withoutLabel, withStatus } from './route.ts';
import { statuses } from './status.ts';

export interface Toolbar {
  /** Shows the filter and returns the rows that match it. */
  apply(rows: readonly MigrationRow[], filter: Filter): readonly MigrationRow[];
}

/** Creates the search and the filters. `onChange` receives each filter that the reader chooses. */
export function createToolbar(onChange: (filter: Filter) => void): Toolbar {
  const search = byId('search', HTMLInputElement);
  const label = byId('label', HTMLSelectElement);
  const chips = byId('filters', HTMLElement);
  const shown = byId('shown', HTMLElement);
  let filter: Filter = { search: '', labels: [] };
  let shownOptions: string | undefined;

  search.addEventListener('input', () => onChange({ ...filter, search: search.value }));
  label.addEventListener('change', () => onChange(withLabel(filter, label.value)));
  const overview = byId('overview', HTMLElement);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || overview.hidden || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    search.focus();
  });

  function showOptions(rows: readonly MigrationRow[]): void {
    const all = new Set(rows.flatMap(({ view }) => labelsOf(view)));
    const rest = [...all].filter((each) => !filter.labels.includes(each)).toSorted();
    if (rest.join('\n') === shownOptions) return;
    shownOptions = rest.join('\n');
    const first = element('option', { value: '' }, rest.length > 0 ? 'All labels' : 'No labels');
    label.replaceChildren(first, ...rest.map((each) => element('option', { value: each }, each)));
    label.disabled = rest.length === 0;
  }

  /** Shows a button for each filter in use, which removes it. */
  function showChips(): void {
    const { labels, status } = filter;
    chips.replaceChildren(
      ...(status === undefined ? [] : [chip(statuses[status].word, withStatus(filter, status))]),
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
    apply(rows, next) {
      const isOther = next !== filter;
      filter = next;
      if (search.value !== filter.search) search.value = filter.search;
      showOptions(rows);
      if (isOther) showChips();
      const matching = rows.filter(({ view }) => isShown(view, filter));
      const all = rows.length;
      setText(shown, matching.length === all ? `${all} in total` : `${matching.length} of ${all}`);
      return matching;
    },
  };
}
