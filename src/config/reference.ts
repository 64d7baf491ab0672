import { type ConfigKey, configKeys } from './keys.ts';

/** Returns every key of the configuration as a Markdown table (key, type, default, what it does), ending in a newline. */
export function configReference(): string {
  const rows = configKeys()
    .filter(({ isSection }) => !isSection)
    .map((key) => row(`\`${key.path}\``, key.type, defaultCell(key), key.description));
  return `${[row('Key', 'Type', 'Default', 'What it does'), row('---', '---', '---', '---'), ...rows].join('\n')}\n`;
}

function defaultCell({ required, defaultText }: ConfigKey): string {
  return required ? '**required**' : (defaultText ?? '');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
