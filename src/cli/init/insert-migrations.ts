import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { escapeDollars } from '../../config/interpolate.ts';
import type { DraftMigration } from './draft.ts';

/** A text with migrations added, and the lines that are new; or why it cannot be done. */
export type Insertion =
  | { readonly ok: true; readonly text: string; readonly added: readonly string[]; readonly line: number }
  | { readonly ok: false; readonly reason: string };

/** Where something goes into a text. */
interface Place {
  readonly at: number;
  readonly inserted: string;
}

/**
 * Adds migrations to the list in a configuration file, YAML or JSON. Everything else stays as it is, to the byte: the
 * parsed document only says where to insert.
 */
export function insertMigrations(text: string, migrations: readonly DraftMigration[]): Insertion {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', keepSourceTokens: true, lineCounter: lines });
  const { contents } = document;
  const newline = /\r\n/.test(text) ? '\r\n' : '\n';
  if (!isMap(contents)) return refused('its top level is not made of keys');
  const pair = (contents as YAMLMap).items.find(({ key }) => isScalar(key) && key.value === 'migrations');
  const place =
    pair === undefined
      ? newList(text, contents, migrations, newline)
      : intoList(text, pair, migrations, newline);
  if (typeof place === 'string') return refused(place);
  const { at, inserted } = place;
  const line = lines.linePos(at).line + (/^,?\r?\n/.test(inserted) ? 1 : 0);
  const added = inserted.split(/\r?\n/).filter((each) => each.trim() !== '');
  return { ok: true, text: text.slice(0, at) + inserted + text.slice(at), added, line };
}

function refused(reason: string): Insertion {
  return { ok: false, reason };
}

/** A file that only includes others has no list yet. */
function newList(
  text: string,
  contents: unknown,
  migrations: readonly DraftMigration[],
  newline: string,
): Place | string {
  if (isMap(contents) && contents.flow === true) return 'it has no list of migrations yet';
  const lines = ['migrations:', ...migrations.flatMap((migration) => blockItem(migration, '  '))];
  const before = text === '' || text.endsWith('\n') ? '' : newline;
  return { at: text.length, inserted: `${before}${lines.join(newline)}${newline}` };
}

function intoList(
  text: string,
  { value: list }: Pair,
  migrations: readonly DraftMigration[],
  newline: string,
): Place | string {
  if (!isSeq(list) || list.range == null) return 'its migrations are not a plain list';
  return list.flow === true
    ? intoFlowList(text, list, migrations, newline)
    : intoBlockList(text, list, migrations, newline);
}

/** After the last migration and the comments that belong to it, which are deeper than its dash. */
function intoBlockList(
  text: string,
  list: YAMLSeq,
  migrations: readonly DraftMigration[],
  newline: string,
): Place | string {
  const dash = list.range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf('\n', dash - 1) + 1, dash);
  const end = endOf(list.items.at(-1));
  if (!/^ *$/.test(indent) || end === undefined) return 'its migrations are written in an unusual way';
  // A text of several lines ends with its last line.
  let at = text[end - 1] === '\n' ? end : lineEnd(text, end);
  for (let next = at; next < text.length; ) {
    const after = lineEnd(text, next);
    const line = text.slice(next, after);
    const depth = line.search(/\S/);
    if (depth >= 0 && (line[depth] !== '#' || depth <= indent.length)) break;
    next = after;
    // Empty lines before something else stay before it.
    if (depth >= 0) at = next;
  }
  const lines = migrations.flatMap((migration) => blockItem(migration, indent));
  const before = at > 0 && text[at - 1] !== '\n' ? newline : '';
  return { at, inserted: `${before}${lines.join(newline)}${newline}` };
}

/** In brackets, as in JSON: after the last migration, on a line of its own where the others are. */
function intoFlowList(
  text: string,
  list: YAMLSeq,
  migrations: readonly DraftMigration[],
  newline: string,
): Place | string {
  const items = migrations.map(flowItem);
  const last = list.items.at(-1);
  const [start = 0] = list.range ?? [];
  if (last === undefined) return { at: start + 1, inserted: items.join(', ') };
  const [from, end] = [startOf(last), endOf(last)];
  if (from === undefined || end === undefined) return 'its migrations are written in an unusual way';
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const indent = text.slice(lineStart, from);
  const separator = lineStart > start && /^\s*$/.test(indent) ? `,${newline}${indent}` : ', ';
  return { at: end, inserted: items.map((item) => separator + item).join('') };
}

function startOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}

/** Returns where the last thing that is written in a node ends, without comments and empty lines after it. */
function endOf(node: unknown): number | undefined {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? node.range?.[1] : (endOf(last.value) ?? endOf(last.key));
  }
  if (isSeq(node) && node.flow !== true) return endOf(node.items.at(-1)) ?? node.range?.[1];
  if (isScalar(node)) return endOfScalar(node);
  return isMap(node) || isSeq(node) ? node.range?.[1] : undefined;
}

function endOfScalar({ range }: Scalar): number | undefined {
  return range?.[1];
}

/** Returns where the line after this one begins. */
function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end + 1;
}

function blockItem({ name, groupId, liveMigrationId, labels }: DraftMigration, indent: string): string[] {
  if (name === undefined && labels === undefined) return [`${indent}- ${groupId}/${liveMigrationId}`];
  const item = escaped({ name, groupId, liveMigrationId, labels });
  const lines = stringify(item, { lineWidth: 0, blockQuote: false }).trimEnd().split('\n');
  return lines.map((line, index) => `${indent}${index === 0 ? '- ' : '  '}${line}`);
}

/** YAML reads JSON as well. */
function flowItem({ name, groupId, liveMigrationId, labels }: DraftMigration): string {
  return name === undefined && labels === undefined
    ? JSON.stringify(`${groupId}/${liveMigrationId}`)
    : JSON.stringify(escaped({ name, groupId, liveMigrationId, labels }));
}

/** The ids are quoted where they would be numbers. */
function escaped({ name, groupId, liveMigrationId, labels }: DraftMigration): object {
  return {
    ...(name !== undefined && { name: escapeDollars(name) }),
    groupId,
    liveMigrationId,
    ...(labels !== undefined && {
      labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, escapeDollars(value)])),
    }),
  };
}
