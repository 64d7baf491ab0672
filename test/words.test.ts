import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errorKinds } from '../src/atlas/error-kind.ts';
import { remedyFor } from '../src/atlas/remedy.ts';
import { faultWord, laneWords, standingWords } from '../src/watch/words.ts';
import { eventNames, sampleEvent } from './events/sample-events.ts';
import { textsOf } from './texts-of-source.ts';

/** What people do not read, as one thing has one word, with the word for it. Fields and events keep their names. */
const banned: readonly (readonly [pattern: RegExp, better: string])[] = [
  [/\bunreachable\b/i, "can't be read"],
  [/\bunreadable\b/i, "can't be read"],
  [/\bpolls? fails?\b/i, "can't be read"],
  [/\bout of reach\b/i, "can't be read"],
  [/\bsettled\b/i, 'ended'],
  [/\b(?:is|are|was|or) gone\b|^gone\b/i, 'no longer in Atlas'],
  [/\bdisappeared\b/, 'no longer in Atlas'],
  [/\banew\b|\bstart(?:ed)? it again\b|\bbe started again\b/i, 'restarted from scratch'],
  [/\bis told\b|\btells? it for all\b|\bspeaks for\b/i, 'reported'],
  [/\bmend(?:s|ed)?\b/i, 'fix'],
  [/\bof late\b|\bas of then\b|\bin its time\b|\bparted from\b|\bspared\b/i, 'plain words'],
  [/\bwhoever\b|\bwhatever its\b/i, 'plain words'],
  [/\borganisation|synchronis|cancelled\b|\bcolour\b/i, 'American spelling'],
];

/** Classes of a style sheet that stand in a table. */
const classes: ReadonlySet<string> = new Set(['hatched unreadable']);

function faultsOf(text: string): string[] {
  if (classes.has(text)) return [];
  const plain = text.replaceAll(/`[^`]*`/g, '').replaceAll(/--[\w-]+|\bwatcher\.\w+|\bmigration\.\w+/g, '');
  return banned.filter(([pattern]) => pattern.test(plain)).map(([, better]) => `say: ${better}`);
}

/** Not the descriptions of keys and events: they use the names of fields. */
const sources = globSync(
  'src/{cli,atlas,daemon,state,server,sinks,watch,page,report,simulator}/**/*.{ts,tsx}',
).toSorted();

const texts = sources.flatMap((file) =>
  textsOf(readFileSync(file, 'utf8'), file.endsWith('x') ? 'tsx' : 'ts').map(({ line, text }) => ({
    file,
    place: `${file}:${line}`,
    text,
  })),
);

describe('texts for people use one word for one thing', () => {
  test('in every source file', () => {
    const found = texts.flatMap(({ place, text }) =>
      faultsOf(text).map((fault) => `${place}: ${text} (${fault})`),
    );
    expect(found).toEqual([]);
  });

  test('the words of states and faults are written in their table alone', () => {
    const states = Object.values(standingWords).map(({ word }) => word);
    const words = new Set([...states, ...errorKinds.map((kind) => faultWord(kind))]);
    const tables = new Set(['src/watch/words.ts', 'src/events/end-words.ts']);
    const found = texts.filter(({ file, text }) => !tables.has(file) && words.has(text));
    expect(found.map(({ place, text }) => `${place}: ${text}`)).toEqual([]);
  });

  test.each(eventNames)('the sentence of %s', (name) => {
    expect(faultsOf(sampleEvent(name).msg)).toEqual([]);
  });

  test.each(errorKinds)('the remedy and the word of %s', (kind) => {
    expect(faultsOf(`${remedyFor({ kind })} ${faultWord(kind)}`)).toEqual([]);
  });

  test('the table of words', () => {
    const words = [...Object.values(standingWords).map(({ word }) => word), ...Object.values(laneWords)];
    expect(words.flatMap(faultsOf)).toEqual([]);
  });
});

test('a text in a source file is found in every kind of quotes, and no comment, key or class is', () => {
  const source = [
    "const a = 'It is gone.'; // It is gone in a comment",
    'const b = "can\'t be read";',
    "const c = `${name} is ${when ? 'often here' : ''} now`;",
    "const key = 'unreachable';",
    '/* gone away */ const d = <p class="hatched unreadable">Not read yet</p>;',
    "const pattern = /['`]/;",
  ].join('\n');
  expect(textsOf(source, 'tsx')).toEqual([
    { line: 1, text: 'It is gone.' },
    { line: 2, text: "can't be read" },
    { line: 3, text: 'often here' },
    { line: 5, text: 'Not read yet' },
  ]);
});
