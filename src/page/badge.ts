import type { MigrationView } from '../server/migration-view.ts';
import { element, setAttribute, setText } from './dom.ts';
import { statuses, statusOf, statusWord } from './status.ts';

/** Variation selector 15 (Unicode): shows a sign as text where a system would show an emoji. */
const asText = '\uFE0E';

/** Returns an empty badge, which shows a status by color, sign and word. */
export function badge(): HTMLElement {
  return element(
    'span',
    { class: 'badge' },
    element('span', { class: 'sign', 'aria-hidden': 'true' }),
    element('span'),
  );
}

export function showBadge(node: HTMLElement, view: MigrationView): void {
  const status = statusOf(view);
  setAttribute(node, 'data-status', status);
  const [sign, word] = node.children;
  if (sign === undefined || word === undefined) return;
  setText(sign, statuses[status].sign + asText);
  setText(word, statusWord(view));
}
