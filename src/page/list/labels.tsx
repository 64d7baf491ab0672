import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { labelsOf } from '../filter.ts';

const shownLabels = 3;

interface LabelsProps {
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly onLabel: (label: string) => void;
}

/**
 * Shows the labels of a migration, each as a filter. With a thousand rows they would be thousands of tab stops, so the
 * arrow keys lead to them from the name.
 */
export function Labels({ labels = {}, onLabel }: LabelsProps): VNode {
  const [isWhole, setWhole] = useState(false);
  const all = labelsOf({ labels });
  const shown = isWhole ? all : all.slice(0, shownLabels);
  const rest = all.slice(shown.length);
  return (
    <span class={isWhole ? 'labels whole' : 'labels'}>
      {shown.map((label) => (
        <button
          key={label}
          type="button"
          class="label"
          tabIndex={-1}
          title={`Show only ${label}`}
          onClick={() => onLabel(label)}
        >
          {label}
        </button>
      ))}
      {rest.length > 0 && (
        <button
          type="button"
          class="label plus"
          tabIndex={-1}
          title={rest.join('\n')}
          aria-label={`+${rest.length} more labels`}
          onClick={() => setWhole(true)}
        >
          +{rest.length}
        </button>
      )}
    </span>
  );
}
