/** A source of random numbers that gives the same ones again for the same seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A number in [from, to). */
  between(from: number, to: number): number;
  /** A whole number in [from, to]. */
  whole(from: number, to: number): number;
  /** The same, spread evenly over orders of magnitude. */
  scaled(from: number, to: number): number;
  chance(share: number): boolean;
}

/** Returns a generator for a seed (mulberry32): fast, and good enough to make up traces. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + (to - from) * next();
  return {
    next,
    between,
    whole: (from, to) => Math.floor(between(from, to + 1)),
    scaled: (from, to) => Math.exp(between(Math.log(from), Math.log(to))),
    chance: (share) => next() < share,
  };
}
