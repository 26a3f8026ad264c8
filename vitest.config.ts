import { defineConfig } from 'vitest/config';

// vitest reads the default export; it is the only one in the project.
export default defineConfig({
  test: {
    include: [
      '{packages/*,bench,chaos,scripts,interop/crosscheck}/test/**/*.test.ts',
      'examples/**/*.test.ts',
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    passWithNoTests: false,
  },
});
