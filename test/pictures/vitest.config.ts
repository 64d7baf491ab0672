import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/pictures/take.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
  },
});
