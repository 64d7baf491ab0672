#!/usr/bin/env node
import { limitMemory, nodeVersionProblem } from './cli/node-runtime.ts';
import { holdSignals } from './daemon/held-signals.ts';

const problem = nodeVersionProblem(process.versions.node);
if (problem === undefined) {
  // Before anything that takes time.
  const held = holdSignals();
  limitMemory();
  // Only now, as older versions cannot even load what the program is made of.
  const { main } = await import('./cli/start.ts');
  await main(process.argv.slice(2), held);
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 70;
}
