import { expect, test } from 'vitest';
import { programName } from '../../src/cli/program-name.ts';

test.each([
  [{ npm_package_name: 'cutover-watch', npm_lifecycle_event: 'start' }, 'npm start --'],
  [{ npm_package_name: 'cutover-watch', npm_lifecycle_event: 'demo' }, 'npm start --'],
  [{ npm_package_name: 'cutover-watch', npm_lifecycle_event: 'npx' }, 'cutover-watch'],
  [{}, 'cutover-watch'],
])('with %j in the environment, people go on with %s', (env, words) => {
  expect(programName(env)).toBe(words);
});
