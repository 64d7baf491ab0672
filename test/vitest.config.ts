import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

/** A browser gives way to all else, so what needs one runs when the rest is done. */
const browserTests = [
  'test/page/{access,detail,detail-look,detail-parts,follow,header,lanes,list}.test.ts',
  'test/e2e/page.test.ts',
  'test/report/printed.test.ts',
];

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    // As long as it takes on a busy machine; a test that holds waits for nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // No test changes what another could see of its worker, and loading everything again costs a third of the time.
    isolate: false,
    // Node.js loads TypeScript by itself; through Vite, every worker takes a quarter more of the processor.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    setupFiles: ['test/setup.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: browserTests,
          // More than the cores: most tests of the spawned program wait for a clock or a server.
          maxWorkers: 6,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: browserTests,
          env: { TMPDIR: join(tmpdir(), `cutover-watch-browser-${process.pid}`) },
          globalSetup: 'test/page/temporary-folder.ts',
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // What a browser runs is not counted.
      exclude: ['src/page/**'],
      reporter: ['text-summary', 'html'],
      // What only the spawned program runs is not counted.
      thresholds: { statements: 75, branches: 80 },
    },
  },
});
