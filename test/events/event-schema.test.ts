import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventSchemaVersion } from '../../src/events/catalogue.ts';
import { eventsJsonSchema } from '../../src/events/json-schema.ts';

/** A part of a JSON Schema; `undefined` stands for what a part does not say. */
interface Schema {
  readonly title?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

const lines = (eventsJsonSchema() as Schema).anyOf ?? [];

/** Returns the schema as what programs rely on: without the words for people, in one order. */
function contractOf(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(contractOf);
  if (typeof part !== 'object' || part === null) return part;
  const kept = Object.entries(part).filter(
    ([key, value]) => key !== 'description' || typeof value !== 'string',
  );
  return Object.fromEntries(
    kept.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => [key, contractOf(value)]),
  );
}

/** Returns the type an index gives a field; a list has that of its items. */
function indexType({ type, const: only, enum: choices, items }: Schema): string {
  if (items !== undefined) return indexType(items);
  if (type === 'integer') return 'number';
  return type ?? typeof (only ?? choices?.[0]);
}

test('CHANGELOG.md names every change of the events', () => {
  const contract = JSON.stringify(contractOf(eventsJsonSchema()));
  const fingerprint = createHash('sha256').update(contract).digest('hex').slice(0, 12);
  const entry = `event schema ${eventSchemaVersion}, fingerprint \`${fingerprint}\``;
  const changelog = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');
  const latest = /event schema \d+, fingerprint `\w+`/.exec(changelog)?.[0];
  expect(
    latest,
    `Names, types or levels of events differ from those that CHANGELOG.md names. Write there, under Unreleased, what changed, with the words "${entry}"; a change that can break a reader raises eventSchemaVersion as well.`,
  ).toBe(entry);
});

test('a field is of one type in every event, as an index demands', () => {
  const types = new Map<string, Set<string>>();
  const note = (name: string, part: Schema): void => {
    types.set(name, (types.get(name) ?? new Set()).add(indexType(part)));
    for (const [below, inner] of Object.entries(part.properties ?? {})) note(`${name}.${below}`, inner);
  };
  for (const { properties } of lines)
    for (const [name, part] of Object.entries(properties ?? {})) note(name, part);
  const torn = [...types].filter(([, kinds]) => kinds.size > 1).map(([name, kinds]) => [name, ...kinds]);
  expect(torn).toEqual([]);
  expect(types.get('labels')).toEqual(new Set(['object']));
});

test('the version of the catalogue is a whole number', () => {
  expect(eventSchemaVersion).toBe(1);
});
