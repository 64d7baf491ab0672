#!/usr/bin/env node
import { limitMemory, nodeVersionProblem } from './cli/node-runtime.ts';

const problem = nodeVersionProblem(process.versions.node);
if (problem === undefined) {
  limitMemory();
  // Only now, as older versions cannot even load what the program is made of.
  const { run } = await import('./cli/program.ts');
  process.exitCode = await run(process.argv.slice(2));
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 70;
}
