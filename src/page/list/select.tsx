import type { VNode } from 'preact';

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
  readonly onChoice: (value: string) => void;
}

export function Select({ label, value, choices, onChoice }: SelectProps): VNode {
  return (
    <label class="field option">
      <span class="visually-hidden">{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChoice(currentTarget.value)}>
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
