import type { TargetedKeyboardEvent } from 'preact';

/**
 * Moves the focus with the arrow keys: up and down from row to row, right and left between the name of a row and its
 * labels; on the heading of a group, right unfolds it and left folds it.
 */
export function moveByArrow(event: TargetedKeyboardEvent<HTMLElement>): void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement)) return;
  const next = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (next === undefined) return;
  const isVertical = event.key === 'ArrowDown' || event.key === 'ArrowUp';
  const row = focused.closest('tr');
  const isOnFold = focused.classList.contains('fold');
  if (isOnFold && !isVertical) {
    if ((focused.getAttribute('aria-expanded') === 'true') !== (next === 1)) focused.click();
    event.preventDefault();
    return;
  }
  if (!focused.matches('.name, .fold, .label')) return;
  const others = isVertical
    ? [...event.currentTarget.querySelectorAll<HTMLElement>('.name, .fold')]
    : [...(row?.querySelectorAll<HTMLElement>('.name, .label') ?? [])];
  const from = isVertical ? row?.querySelector<HTMLElement>('.name, .fold') : focused;
  const other = from == null ? undefined : others[others.indexOf(from) + next];
  if (other === undefined) return;
  event.preventDefault();
  other.focus();
}
