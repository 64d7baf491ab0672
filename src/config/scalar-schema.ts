import { z } from 'zod';

/** Hints for editors about a value: JSON Schema keywords, and `kind`, its name in the reference table. */
type EditorHints = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** Why a text is rejected: a clause that follows the key, in which `{value}` stands for the value. */
export class Refusal {
  readonly clause: string;
  constructor(clause: string) {
    this.clause = clause;
  }
}

/** How one kind of value is read from its text. */
export type Reading<T> = {
  /** Returns the value, a refusal with its own clause, or undefined for the usual clause. */
  readonly read: (text: string) => T | Refusal | undefined;
  /** What to write instead, after "write ". */
  readonly remedy: string;
  readonly hints: EditorHints;
};

/**
 * Returns a schema for one value of the configuration. Values arrive as text (see `document.ts`); real numbers and
 * booleans are read by their text too. An issue's message is a clause as in `Refusal`.
 */
export function leaf<T>({ read, remedy, hints }: Reading<T>) {
  return z
    .unknown()
    .transform((value, context): T => {
      const text = scalarText(value);
      const result = text === undefined ? undefined : read(text);
      if (result !== undefined && !(result instanceof Refusal)) return result;
      const message = result instanceof Refusal ? result.clause : `is {value}; write ${remedy}.`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .meta(hints);
}

function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

/** A conflict between several values, at the path (below the checked value) where it is best fixed. */
export type CrossCheck = {
  readonly path: readonly (string | number)[];
  readonly clause: string;
  /** The position of the item of the same list that `{other}` in the clause stands for. */
  readonly other?: number;
};

/**
 * Returns a check that also runs when parts of the value were refused, so that all problems are reported at once.
 * `find` must therefore check types: a part that was refused can be anything.
 */
export function crossCheck(find: (value: unknown) => readonly CrossCheck[]) {
  return z.superRefine<unknown>(
    (value, context) => {
      for (const { path, clause, other } of find(value)) {
        context.addIssue({ code: 'custom', path: [...path], message: clause, params: { other } });
      }
    },
    { when: () => true },
  );
}

/** Returns the value of a key; undefined if the value has no keys. */
export function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
