import { z } from 'zod';

/** What an editor is told about a value: JSON Schema keywords, and `kind`, its name in the reference table. */
type EditorHints = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** Why a text is not accepted: a clause to put after the key, in which `{value}` stands for what was found. */
export class Refusal {
  readonly clause: string;
  constructor(clause: string) {
    this.clause = clause;
  }
}

/** How one kind of value is read from its text. */
export type Reading<T> = {
  /** Returns the value, a refusal with words of its own, or undefined for the usual words. */
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

/** Something wrong between several values, at the place (below the checked value) where it is best mended. */
export type CrossCheck = { readonly path: readonly (string | number)[]; readonly clause: string };

/**
 * Returns a check that also runs when parts of the value were refused, so that all problems come at once;
 * `find` must therefore look at what it is given.
 */
export function alsoWhenRefused(find: (value: unknown) => readonly CrossCheck[]) {
  const check = z.check((payload) => {
    for (const { path, clause } of find(payload.value)) {
      payload.issues.push({ code: 'custom', path: [...path], message: clause, input: payload.value });
    }
  });
  // `refine` has this option in public, but finds one problem only.
  const { _zod: internals } = check;
  internals.def.when = () => true;
  return check;
}

/** Returns a key's value where there is one, whatever it was taken from. */
export function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
