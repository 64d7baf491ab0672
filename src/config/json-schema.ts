import { z } from 'zod';
import { configSchema } from './schema.ts';

/** A JSON Schema as plain data. */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * Returns the schema as zod exports it, still with our own annotations:
 * `kind`, `defaultText`, `shownDefault`, `example` and `bareForm`.
 */
export function annotatedSchema(): JsonSchema {
  return { ...z.toJSONSchema(configSchema, { io: 'input' }) };
}

/**
 * Returns the JSON Schema (draft 2020-12) of the configuration file as it is written, for editors: numbers may be
 * quoted, and `${VAR}` may stand for a value. The program itself is stricter.
 */
export function configJsonSchema(): JsonSchema {
  const { $schema, ...rest } = annotatedSchema();
  const { required: _migrations, ...plain } = asSchema(withoutAnnotations(rest));
  return {
    $schema,
    $id: 'urn:cutover-watch:config',
    title: 'cutover-watch configuration',
    ...plain,
    anyOf: [{ required: ['migrations'] }, { required: ['include'] }],
  };
}

/** Returns the JSON Schema of a file that the configuration includes. */
export function includedJsonSchema(): JsonSchema {
  const { $schema, properties } = annotatedSchema();
  const { migrations } = asSchema(properties);
  const { minItems: _any, ...list } = asSchema(withoutAnnotations(migrations));
  return {
    $schema,
    $id: 'urn:cutover-watch:migrations',
    title: 'migrations that a cutover-watch configuration includes',
    type: 'object',
    properties: { migrations: { ...list, description: 'Further migrations to watch.' } },
    required: ['migrations'],
    additionalProperties: false,
  };
}

function withoutAnnotations(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutAnnotations);
  if (!isSchema(node)) return node;
  const { kind: _kind, defaultText: _defaultText, shownDefault, example, bareForm, ...rest } = node;
  const entries = Object.entries(rest).map(([key, value]) => [key, withoutAnnotations(value)]);
  const { description, ...plain } = asSchema(Object.fromEntries(entries));
  return {
    ...(description === undefined ? {} : { description }),
    ...(shownDefault === undefined ? {} : { default: shownDefault }),
    ...(example === undefined ? {} : { examples: [example] }),
    ...(bareForm === undefined ? plain : { anyOf: [plain, bareForm] }),
  };
}

/** Returns whether a part of a JSON Schema is an object. */
export function isSchema(node: unknown): node is JsonSchema {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

function asSchema(node: unknown): JsonSchema {
  return isSchema(node) ? node : {};
}
