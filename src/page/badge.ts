import type { MigrationView } from '../server/migration-view.ts';
import { element, setAttribute, setText } from './dom.ts';
import { standingOf, standings, wordOf } from './status.ts';

/** The text form of a sign that some systems would show as an emoji. */
const asText = '\uFE0E';

/** Returns what shows a state by colour, sign and word. */
export function badge(): HTMLElement {
  return element(
    'span',
    { class: 'badge' },
    element('span', { class: 'sign', 'aria-hidden': 'true' }),
    element('span'),
  );
}

export function showBadge(node: HTMLElement, view: MigrationView): void {
  const standing = standingOf(view);
  setAttribute(node, 'data-standing', standing);
  const [sign, word] = node.children;
  if (sign === undefined || word === undefined) return;
  setText(sign, standings[standing].sign + asText);
  setText(word, wordOf(view));
}
