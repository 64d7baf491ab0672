import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // As long as it takes on a busy machine; a test that holds waits for nothing.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // More than the cores: most tests of the spawned program wait for a clock or a server.
    maxWorkers: 6,
    // No test changes what another could see of its worker, and loading everything anew costs a third of the time.
    isolate: false,
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
