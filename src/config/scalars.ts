import { formatDuration, type Milliseconds, parseDuration } from './duration.ts';
import { readMoment } from './moment.ts';
import { leaf, Refusal } from './scalar-schema.ts';

/** JSON Schema types of a text: in YAML an unquoted text may look like a number or a boolean to an editor. */
const TEXT = ['string', 'number', 'boolean'] as const;
/** Lets `${VAR}` through an editor's pattern. */
export const OR_VARIABLE = '|\\$\\{';

const HOME_CLAUSE = `begins with ~, which is not expanded here; write \${HOME} for the home directory.`;

/** What is special about one duration. */
type DurationOptions = {
  readonly zeroIsNever?: boolean;
  /** The clause about a number without a unit, for a key that was a count in earlier versions. */
  readonly bareNumber?: string;
};

/** Returns a schema for a duration within bounds, read to milliseconds. */
export function duration(
  min: Milliseconds,
  max: Milliseconds,
  { zeroIsNever = false, bareNumber }: DurationOptions = {},
) {
  const zero = zeroIsNever ? ', or 0 for never' : '';
  const zeroAllowed = zeroIsNever || min === 0;
  return leaf<Milliseconds>({
    read: (text) => {
      const value = parseDuration(text);
      if (value === undefined && bareNumber !== undefined && /^-?\d+$/.test(text)) {
        return new Refusal(bareNumber);
      }
      if (value === undefined || (zeroIsNever && value === 0)) return value;
      if (value >= min && value <= max) return value;
      return new Refusal(
        `is {value}; write a duration from ${formatDuration(min)} to ${formatDuration(max)}${zero}.`,
      );
    },
    remedy: 'a duration such as 500ms, 30s, 5m, 120h or 5d',
    hints: {
      kind: 'duration',
      anyOf: [
        { type: 'string', pattern: `^(0|[0-9]+(ms|s|m|h|d))$${OR_VARIABLE}` },
        ...(zeroAllowed ? [{ const: 0 }] : []),
      ],
    },
  });
}

/** Returns a schema for a moment with its zone or offset, read to milliseconds since 1970. */
export function moment() {
  return leaf<number>({
    read: (text) => {
      const reading = readMoment(text);
      return reading.ok ? reading.moment : new Refusal(`is {value}, ${reading.clause}.`);
    },
    remedy: 'a date and a time of day',
    hints: {
      kind: 'date and time',
      anyOf: [
        {
          type: 'string',
          pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.*(Z|z|UTC|[0-9]{2})$${OR_VARIABLE}`,
        },
      ],
    },
  });
}

/** Returns a schema for a whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  return leaf<number>({
    read: (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
      return value !== undefined && value >= min && value <= max ? value : undefined;
    },
    remedy: `a whole number from ${min} to ${max}`,
    hints: {
      kind: `${min} to ${max}`,
      anyOf: [
        { type: 'integer', minimum: min, maximum: max },
        { type: 'string', pattern: `^[0-9]+$${OR_VARIABLE}` },
      ],
    },
  });
}

/** Returns a schema for one of a few words. */
export function choice<const T extends string>(...words: readonly T[]) {
  return leaf<T>({
    read: (text) => words.find((word) => word === text),
    remedy: `one of ${words.join(', ')}`,
    hints: {
      kind: words.map((word) => `\`${word}\``).join(', '),
      anyOf: [{ enum: words }, { type: 'string', pattern: '\\$\\{' }],
    },
  });
}

/** Returns a schema for a text on one line, with at least one visible and at most `maxLength` characters. */
export function line(maxLength: number, remedy = `a text of 1 to ${maxLength} characters on one line`) {
  return leaf<string>({
    read: (text) => {
      const characters = Array.from(text).length;
      return text.trim() !== '' && characters <= maxLength && !/[\p{Cc}\u2028\u2029]/u.test(text)
        ? text
        : undefined;
    },
    remedy,
    hints: { kind: 'text', type: TEXT, minLength: 1, maxLength },
  });
}

/** Returns a schema for the path of a file. `refuse` returns a clause about a text that is something else. */
export function filePath(refuse: (text: string) => string | undefined = () => undefined) {
  return leaf<string>({
    read: (text) => {
      const clause = text.startsWith('~') ? HOME_CLAUSE : refuse(text);
      if (clause !== undefined) return new Refusal(clause);
      return text.trim() === '' || text.includes('\0') ? undefined : text;
    },
    remedy: 'the path of a file',
    hints: { kind: 'path', type: 'string', minLength: 1 },
  });
}

/** Returns a schema for the names of files, with the wildcards of a shell. */
export function filePattern() {
  return leaf<string>({
    read: (text) => {
      if (text.startsWith('~')) return new Refusal(HOME_CLAUSE);
      if (text.includes('**'))
        return new Refusal(
          'is {value}, and ** would search whole folders; write each folder out, as in migrations.d/*.yaml.',
        );
      return text.trim() === '' || text.includes('\0') ? undefined : text;
    },
    remedy: 'the name of files, such as migrations.d/*.yaml',
    hints: { kind: 'path', type: 'string', minLength: 1 },
  });
}

/** Returns a schema for one of Atlas's ids; `remedy` says which. */
export function atlasId(remedy: string) {
  return leaf<string>({
    read: (text) => (/^[a-f0-9]{24}$/.test(text) ? text : undefined),
    remedy,
    // A number, because that is what an editor takes an unquoted id without letters (or with one e) for.
    hints: { kind: 'id', type: ['string', 'number'], pattern: `^[a-f0-9]{24}$${OR_VARIABLE}` },
  });
}
