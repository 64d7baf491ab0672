import { type Random, randomOf } from '../bench/random.ts';
import type { Target } from './target.ts';

/** Longest input, in characters: enough for what takes quadratic time to show. */
const maxLength = 16_000;
const mostRepeats = 5_000;

type Mutation = (text: string, random: Random, target: Target) => string;

const mutations: readonly Mutation[] = [
  (text, random) => splice(text, random, () => ''),
  (text, random) => splice(text, random, (found) => found + found),
  (text, random) => splice(text, random, (found) => found.repeat(repeats(found, random)), 20),
  (text, random) => splice(text, random, () => character(random), 1),
  (text, random, { tokens }) => splice(text, random, () => pick(tokens, random), 1),
  (text, random, { tokens }) =>
    splice(text, random, (found) => pick(tokens, random).repeat(repeats('1234', random)) + found, 1),
  (text, random, { runs }) => {
    const [begin, again] = pick(runs, random);
    return splice(text, random, () => begin + again.repeat(repeats(again, random)), 1);
  },
  (text, random, { corpus }) => splice(text, random, () => piece(pick(corpus, random), random)),
  (text, random) => text.slice(0, random.whole(0, text.length)),
  (text, random) => swapLines(text, random),
];

/** Returns input number `index` of a seed; the same for the same corpus. */
export function inputOf(target: Target, seed: number, index: number): string {
  const random = randomOf(seed * 1_000_003 + index);
  let text = pick(target.corpus, random);
  for (let left = random.whole(0, 4); left > 0; left -= 1) {
    text = pick(mutations, random)(text, random, target).slice(0, maxLength);
  }
  return text;
}

/** Replaces a piece of the text. */
function splice(
  text: string,
  random: Random,
  replace: (found: string) => string,
  longest = text.length,
): string {
  const from = random.whole(0, text.length);
  const to = Math.min(text.length, from + random.whole(0, longest));
  return text.slice(0, from) + replace(text.slice(from, to)) + text.slice(to);
}

function piece(text: string, random: Random): string {
  const from = random.whole(0, text.length);
  return text.slice(from, random.whole(from, text.length));
}

/** Mostly a few, sometimes as many as fit: what takes more than linear time shows with many. */
function repeats(text: string, random: Random): number {
  const most = Math.min(mostRepeats, Math.floor(maxLength / Math.max(1, text.length)));
  return Math.floor(random.scaled(1, most + 1));
}

function character(random: Random): string {
  if (random.chance(0.5)) return String.fromCharCode(random.whole(0, 127));
  return String.fromCharCode(random.whole(0, 0xffff));
}

function swapLines(text: string, random: Random): string {
  const lines = text.split('\n');
  const [one, other] = [random.whole(0, lines.length - 1), random.whole(0, lines.length - 1)];
  const [first = '', second = ''] = [lines[one], lines[other]];
  return lines.with(one, second).with(other, first).join('\n');
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random.whole(0, items.length - 1)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}
