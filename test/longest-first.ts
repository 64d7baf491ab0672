import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that wait longest, in this order. */
const longest = [
  'e2e/standby',
  'e2e/state-trouble',
  'e2e/clock',
  'e2e/demo',
  'e2e/reload',
  'e2e/wait',
  'e2e/crash',
  'e2e/stuck-reader',
  'e2e/word',
  'e2e/word-clock',
  'faults/between',
  'e2e/apache',
  'server/http-server',
  'e2e/http-connections',
  'faults/replies',
  'faults/files',
  'e2e/init',
  'faults/processes',
  'e2e/watching',
].map((name) => `/test/${name}.test.ts`);

/** So many of the files that wait run from the start; the other workers use the processor meanwhile. */
const atOnce = 4;

/** What only computes fills the time in which most wait. */
const computes = ({ moduleId }: TestSpecification): boolean => /\/test\/(watch|state)\//.test(moduleId);

/** Starts the first of these files at once, and spreads the rest, so that some wait while others compute. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waiting = longest.flatMap((name) => files.filter(({ moduleId }) => moduleId.endsWith(name)));
    const remaining = files.filter((file) => !waiting.includes(file));
    const others = [...remaining.filter(computes), ...remaining.filter((file) => !computes(file))];
    const rest = waiting.slice(atOnce);
    const apart = Math.floor(others.length / (rest.length + 1));
    return [
      ...waiting.slice(0, atOnce),
      ...rest.flatMap((file, index) => [...others.slice(index * apart, (index + 1) * apart), file]),
      ...others.slice(rest.length * apart),
    ];
  }
}
