import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that wait longest, in this order. Vitest knows how long a file takes only once it has run here. */
const longest = [
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

/** Starts these files first, so that at the end none is waited for alone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const first = longest.flatMap((name) => files.filter(({ moduleId }) => moduleId.endsWith(name)));
    return [...new Set([...first, ...files])];
  }
}
