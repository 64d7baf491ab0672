#!/usr/bin/env node
import { useLittleMemory } from './cli/frugal-memory.ts';
import { nodeVersionProblem } from './cli/node-version.ts';

const problem = nodeVersionProblem(process.versions.node);
if (problem === undefined) {
  useLittleMemory();
  // Only now, as older versions cannot even load what the program is made of.
  const { run } = await import('./cli/run.ts');
  process.exitCode = await run(process.argv.slice(2));
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 70;
}
