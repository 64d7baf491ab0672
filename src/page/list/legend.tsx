import type { VNode } from 'preact';
import { laneWords } from '../../watch/words.ts';

const shown = [
  ['initial_copy', 'phase initial_copy'],
  ['catching_up', 'phase catching_up'],
  ['stalled', 'stalled'],
  ['unreadable', 'hatched unreadable'],
  ['not_watched', 'hatched not_watched'],
  ['ready', 'phase ready'],
  ['estimate', 'estimate'],
  ['window', 'window'],
] as const;

/** Says what the colors and patterns of the lanes mean. */
export function Legend(): VNode {
  return (
    <ul class="legend" aria-label="Legend">
      {shown.map(([name, className]) => (
        <li key={name}>
          <span class="marks" aria-hidden="true">
            <span class={`mark ${className}`} />
          </span>
          {laneWords[name]}
        </li>
      ))}
    </ul>
  );
}
