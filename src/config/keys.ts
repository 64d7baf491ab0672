import { annotatedSchema, isSchema, type JsonSchema } from './json-schema.ts';

/** One key of the configuration, as the reference table and the suggestions know it. */
export type ConfigKey = {
  /** The path with `[]` for any list position: `migrations[].groupId`. */
  readonly path: string;
  readonly isSection: boolean;
  readonly type: string;
  /** Markdown; undefined where the key is required or has no default. */
  readonly defaultText: string | undefined;
  readonly required: boolean;
  readonly description: string;
  /** An example where the schema has one, else the default, as plain data; undefined for a section without an example. */
  readonly sample: unknown;
};

let known: readonly ConfigKey[] | undefined;

/** Returns every key of the schema in its order, sections before what is in them. */
export function configKeys(): readonly ConfigKey[] {
  // Cached: the schema never changes, and its export takes milliseconds.
  known ??= keysBelow(annotatedSchema(), '');
  return known;
}

function keysBelow(schema: JsonSchema, prefix: string): readonly ConfigKey[] {
  const { properties, required } = schema;
  if (!isSchema(properties)) return [];
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties).flatMap(([name, node]) => {
    if (!isSchema(node)) return [];
    const path = `${prefix}${name}`;
    const { items } = node;
    const inItems = isSchema(items) ? keysBelow(items, `${path}[].`) : [];
    const below = [...keysBelow(node, `${path}.`), ...inItems];
    return [describeKey(path, node, needed.includes(name), below.length > 0), ...below];
  });
}

function describeKey(path: string, node: JsonSchema, required: boolean, isSection: boolean): ConfigKey {
  const { kind, defaultText, shownDefault, description, default: value, example } = node;
  const fallback = shownDefault ?? value;
  return {
    path,
    isSection,
    // The only key without a kind that is no section is the record of labels.
    type: typeof kind === 'string' ? kind : 'names and texts',
    defaultText: typeof defaultText === 'string' ? defaultText : defaultOf(fallback),
    required,
    description: String(description),
    sample: example ?? (isSection ? undefined : fallback),
  };
}

function defaultOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return `\`[${value.join(', ')}]\``;
  return typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : undefined;
}

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
