/**
 * Fuzzes for longer than the tests do, with another seed each time.
 * Usage: npm run fuzz [-- TARGET... --seconds N --seed N --from N --count N]
 */
import { parseArgs } from 'node:util';
import { print } from '../bench/report.ts';
import { fuzz } from './fuzz.ts';
import { targetNames } from './target.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: String(Number.MAX_SAFE_INTEGER) },
  },
});
const seed = Number(values.seed);
const range = { from: Number(values.from), count: Number(values.count), seconds: Number(values.seconds) };
for (const name of targetNames) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const { inputs, slowestMs, slowest, failure } = await fuzz({ name, seed, ...range });
  print(
    `${name} (seed ${seed}): ${inputs} inputs, the slowest took ${slowestMs.toFixed(1)} ms (--from ${slowest} --count 1).`,
  );
  if (failure === undefined) continue;
  print(failure);
  process.exitCode = 1;
}
