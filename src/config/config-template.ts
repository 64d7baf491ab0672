import { stringify } from 'yaml';
import { KEYS_OF } from './auth-schema.ts';
import { escapeDollars } from './interpolate.ts';
import { type ConfigKey, configKeys } from './keys.ts';

/** What stands in a configuration file, as far as somebody chose it. Texts are meant as they are, dollars included. */
export type TemplateValues =
  | string
  | number
  | boolean
  | readonly TemplateValues[]
  | { readonly [key: string]: TemplateValues | undefined };

type ChosenSection = Extract<TemplateValues, { readonly [key: string]: TemplateValues | undefined }>;

/** Of the prose itself, so that there is room for the # and the indentation. */
const WIDTH = 108;
const ONE_LINE = { lineWidth: 0, blockQuote: false } as const;
const ANOTHER_MIGRATION = [
  '# Another one. Without name and labels a migration fits on one line, groupId/liveMigrationId:',
  '# - 5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d1',
];
const HOW_TO_READ = `Only \`migrations\` is required. Everything commented out below shows its default, or an example where there is none: take the # away to change it (from the section's name as well, and keep the indentation). Two of them mark the keys of the other way to sign in.

Durations are a whole number and a unit: 500ms, 30s, 5m, 120h, 5d.
\${NAME} stands for an environment variable, \${NAME:-default} for one that may be missing, and $$ for a dollar.`;

/**
 * Returns a configuration file in YAML that says what was chosen, with every key explained as the schema does, and
 * those that were not chosen commented out. `introduction` is told first; `schemaFile` is for editors.
 */
export function commentedConfig(
  chosen: ChosenSection,
  { introduction, schemaFile }: { readonly introduction: string; readonly schemaFile?: string | undefined },
): string {
  const editors = schemaFile === undefined ? [] : [`# yaml-language-server: $schema=${schemaFile}`, '#'];
  const keys = keysBelow('');
  const sections = [...keys.filter(({ required }) => required), ...keys.filter(({ required }) => !required)];
  const blocks = [
    [...editors, ...prose(introduction), '#', ...prose(HOW_TO_READ)],
    ...sections.map((key) => blockOf(key, chosen)),
  ];
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

/** The lines of one key, explained: commented out where nothing was chosen, unless all around it is already. */
function blockOf(key: ConfigKey, siblings: ChosenSection, within: 'shown' | 'commented' = 'shown'): string[] {
  const name = nameOf(key);
  const value = siblings[name];
  if (value === undefined && within === 'shown')
    return isOfOtherType(key, siblings)
      ? [...prose(describe(key)), `## ${name}: ${inline(key.sample)}`]
      : commentedOut(blockOf(key, siblings, 'commented'), key);
  return [...prose(describe(key)), ...linesOf(key, value, within)];
}

function linesOf(key: ConfigKey, value: TemplateValues | undefined, within: 'shown' | 'commented'): string[] {
  const name = nameOf(key);
  if (!key.isSection) return valueLines(name, value ?? key.sample);
  if (Array.isArray(value)) return [`${name}:`, ...indented(itemsOf(key, value))];
  const below = keysBelow(`${key.path}.`).map((child) => blockOf(child, sectionOf(value), within));
  const gap = within === 'shown' ? [''] : [];
  return [
    `${name}:`,
    ...indented(below.flatMap((lines, index) => (index === 0 ? lines : [...gap, ...lines]))),
  ];
}

/** The prose of a section that is commented out keeps its own # only, so that the # before the key stands alone. */
function commentedOut(lines: readonly string[], key: ConfigKey): string[] {
  const own = prose(describe(key)).length;
  return lines.map((line, index) => (index < own ? line : `# ${line}`));
}

/** The first migration shows everything there is to say of one. */
function itemsOf({ path }: ConfigKey, items: readonly TemplateValues[]): string[] {
  const keys = keysBelow(`${path}[].`);
  const lines = items.flatMap((item, index) => {
    const given = sectionOf(item);
    const chosen = keys.filter((key) => given[nameOf(key)] !== undefined);
    const rest = keys.filter((key) => given[nameOf(key)] === undefined);
    if (index > 0) return dashed(chosen.flatMap((key) => valueLines(nameOf(key), given[nameOf(key)])));
    return dashed([...chosen, ...rest].flatMap((key) => blockOf(key, given)));
  });
  return [...lines, ...ANOTHER_MIGRATION];
}

function dashed(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => !line.startsWith('#'));
  return lines.map((line, index) => (index < first ? line : `${index === first ? '- ' : '  '}${line}`));
}

function valueLines(name: string, value: unknown): string[] {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord && Object.keys(value).length > 0
    ? [`${name}:`, ...indented(stringify(escaped(value), ONE_LINE).trimEnd().split('\n'))]
    : [`${name}: ${inline(value)}`];
}

function inline(value: unknown): string {
  return stringify(escaped(value), {
    ...ONE_LINE,
    collectionStyle: 'flow',
    flowCollectionPadding: false,
  }).trimEnd();
}

function escaped(value: unknown): unknown {
  if (typeof value === 'string') return escapeDollars(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}

/** Says whether a key belongs to the way to sign in that was not chosen; it cannot be used beside the other. */
function isOfOtherType({ path }: ConfigKey, { type }: ChosenSection): boolean {
  const other = type === 'serviceAccount' ? 'apiKey' : 'serviceAccount';
  return KEYS_OF[other].some((key) => path === `atlas.auth.${key}`);
}

function describe({ description, defaultText, sample, type }: ConfigKey): string {
  const isShown =
    defaultText === undefined || defaultText === `\`${String(sample)}\`` || Array.isArray(sample);
  const possible = /[`\d]/.test(type) ? ` Possible: ${type}.` : '';
  return `${description}${possible}${isShown ? '' : ` Default: ${defaultText}.`}`.replaceAll('`', '');
}

function prose(text: string): string[] {
  return text.split('\n').flatMap((paragraph) => wrap(paragraph).map((line) => `# ${line}`.trimEnd()));
}

function wrap(paragraph: string): string[] {
  const lines = [''];
  for (const word of paragraph.split(' ')) {
    const line = lines.pop() ?? '';
    const longer = line === '' ? word : `${line} ${word}`;
    // A line of prose that begins with `word:` would look like a key.
    if (longer.length <= WIDTH || line === '' || word.endsWith(':')) lines.push(longer);
    else lines.push(line, word);
  }
  return lines;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

function keysBelow(prefix: string): readonly ConfigKey[] {
  return configKeys().filter(
    ({ path }) => path.startsWith(prefix) && /^[a-zA-Z]+$/.test(path.slice(prefix.length)),
  );
}

function nameOf({ path }: ConfigKey): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function sectionOf(value: TemplateValues | undefined): ChosenSection {
  return typeof value === 'object' && !Array.isArray(value) ? (value as ChosenSection) : {};
}
