import type { VNode } from 'preact';
import type { MarkName } from '../../watch/migration/lane.ts';
import { laneWords } from '../../watch/words.ts';

const usual: readonly LegendEntry[] = [
  ['initial_copy', 'phase initial_copy'],
  ['catching_up', 'phase catching_up'],
  ['stalled', 'stalled'],
  ['unreadable', 'hatched unreadable'],
  ['not_watched', 'hatched not_watched'],
  ['ready', 'phase ready'],
  ['estimate', 'estimate'],
  ['window', 'window'],
];

/** What a mark shows, and its class names. */
type LegendEntry = readonly [name: MarkName, className: string];

/** Says what the colors and patterns of the lanes mean: those that are given, or the usual ones. */
export function Legend({ shown = usual }: { readonly shown?: readonly LegendEntry[] }): VNode {
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
