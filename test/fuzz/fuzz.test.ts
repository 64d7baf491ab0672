import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { targetNames } from './target.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? 0.5);
const seed = Number(process.env.FUZZ_SEED ?? 1);

test.each(targetNames)(`%s: no input crashes, breaks a rule or takes 250 ms (seed ${seed})`, async (name) => {
  const { inputs, failure } = await fuzz({ name, seed, from: 0, count: Number.MAX_SAFE_INTEGER, seconds });
  expect(failure).toBeUndefined();
  expect(inputs).toBeGreaterThan(0);
});
