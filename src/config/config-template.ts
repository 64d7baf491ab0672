import wrapAnsi from 'wrap-ansi';
import { stringify } from 'yaml';
import { KEYS_OF } from './auth-schema.ts';
import { escapeDollars } from './interpolate.ts';
import { type ConfigKey, configKeys } from './keys.ts';

/** The chosen values of a configuration file. Texts are literal, dollars included. */
export type TemplateValues =
  | string
  | number
  | boolean
  | readonly TemplateValues[]
  | { readonly [key: string]: TemplateValues | undefined };

type ChosenSection = Extract<TemplateValues, { readonly [key: string]: TemplateValues | undefined }>;

/** The width of the prose without the # and the indentation. */
const WIDTH = 108;
const ONE_LINE = { lineWidth: 0, blockQuote: false } as const;
const ANOTHER_MIGRATION = [
  '# Another migration. Without name and labels, it fits on one line as groupId/liveMigrationId:',
  '# - 5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d1',
];
const HOW_TO_READ = `Only \`migrations\` is required. Everything that is commented out shows its default, or an example if there is none. To change it, remove the # (also from the name of the section) and keep the indentation. ## marks a key in place of another, and the keys of the other way to sign in.

Durations are a whole number and a unit: 500ms, 30s, 5m, 120h, 5d.
\${NAME} is replaced by an environment variable, \${NAME:-default} by one that may be missing, and $$ by a dollar.`;

/**
 * Returns a configuration file in YAML with the chosen values. Every key has the description of the schema, and keys
 * that were not chosen are commented out. `introduction` comes first; `schemaFile` is for editors.
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

/** The lines of one key with its description: commented out if nothing was chosen, unless its section already is. */
function blockOf(key: ConfigKey, siblings: ChosenSection, within: 'shown' | 'commented' = 'shown'): string[] {
  const name = nameOf(key);
  const value = siblings[name];
  if (value === undefined && (isOfOtherType(key, siblings) || isReplaced(key, siblings)))
    return [...prose(describe(key)), `## ${name}: ${inline(key.sample)}`];
  if (value === undefined && within === 'shown')
    return commentedOut(blockOf(key, siblings, 'commented'), key);
  return [...prose(describe(key)), ...linesOf(key, value, within)];
}

function linesOf(key: ConfigKey, value: TemplateValues | undefined, within: 'shown' | 'commented'): string[] {
  const name = nameOf(key);
  if (!key.isSection) return valueLines(name, value ?? key.sample);
  const shown = (value ?? key.sample) as TemplateValues | undefined;
  if (Array.isArray(shown)) return [`${name}:`, ...indented(itemsOf(key, shown))];
  const below = keysBelow(`${key.path}.`).map((child) => blockOf(child, sectionOf(shown), within));
  const gap = within === 'shown' ? [''] : [];
  return [
    `${name}:`,
    ...indented(below.flatMap((lines, index) => (index === 0 ? lines : [...gap, ...lines]))),
  ];
}

/** The prose of a section that is commented out keeps a single #, so that the # before the key stands out. */
function commentedOut(lines: readonly string[], key: ConfigKey): string[] {
  const own = prose(describe(key)).length;
  return lines.map((line, index) => (index < own ? line : `# ${line}`));
}

function itemsOf(key: ConfigKey, items: readonly TemplateValues[]): string[] {
  return key.path === 'migrations' ? migrationsOf(key, items) : receiversOf(key, items);
}

/** Each receiver shows its own keys, and each key is described once. */
function receiversOf({ path }: ConfigKey, items: readonly TemplateValues[]): string[] {
  const described = new Set<string>();
  return items.flatMap((item) => {
    const given = sectionOf(item);
    const keys = keysBelow(`${path}[].`).filter((key) => given[nameOf(key)] !== undefined);
    return dashed(
      keys.flatMap((key) => {
        const description = described.has(key.path) ? [] : prose(describe(key));
        described.add(key.path);
        return [...description, ...valueLines(nameOf(key), given[nameOf(key)])];
      }),
    );
  });
}

/** The first migration shows all keys of a migration. */
function migrationsOf({ path }: ConfigKey, items: readonly TemplateValues[]): string[] {
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

/** Returns whether a key belongs to the type of credentials that was not chosen. */
function isOfOtherType({ path }: ConfigKey, { type }: ChosenSection): boolean {
  const other = type === 'serviceAccount' ? 'apiKey' : 'serviceAccount';
  return KEYS_OF[other].some((key) => path === `atlas.auth.${key}`);
}

/** Returns whether a key is another place for what one of its siblings gives. */
function isReplaced({ path }: ConfigKey, { url, urlFile }: ChosenSection): boolean {
  return (
    path === 'state.urlFile' ||
    (path === 'ping.url' && urlFile !== undefined) ||
    (path === 'ping.urlFile' && url !== undefined)
  );
}

function describe({ description, defaultText, sample, type }: ConfigKey): string {
  const isShown =
    defaultText === undefined || defaultText === `\`${String(sample)}\`` || Array.isArray(sample);
  const possible = /[`\d]/.test(type) ? ` Possible: ${type}.` : '';
  return `${description}${possible}${isShown ? '' : ` Default: ${defaultText}.`}`.replaceAll('`', '');
}

function prose(text: string): string[] {
  // A line of prose that begins with `word:` would look like a key.
  const together = text.replaceAll(/ (?=[^ ]+:(?: |$))/gm, '\u00a0');
  const lines = wrapAnsi(together, WIDTH).replaceAll('\u00a0', ' ').split('\n');
  return lines.map((line) => `# ${line}`.trimEnd());
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
