import { expect, it } from 'vitest';
import { nodeVersionProblem } from '../../src/cli/node-runtime.ts';

it.each(['24.0.0', '24.21.0', '25.0.0-pre', '100.1.2'])('Node.js %s will do', (version) => {
  expect(nodeVersionProblem(version)).toBeUndefined();
});

it.each(['23.11.1', '22.18.0', '8.0.0', '0.12.18', ''])('Node.js %s is too old', (version) => {
  expect(nodeVersionProblem(version)).toBe(
    `cutover-watch needs Node.js 24 or newer, but this is Node.js ${version}: start it with a newer one, or through npm start, which brings its own.`,
  );
});
