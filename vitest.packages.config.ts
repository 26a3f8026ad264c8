import { defineConfig } from 'vitest/config';

/** The packages as npm would publish them: `npm run test:packages`. */
export default defineConfig({
  test: {
    include: ['scripts/packaging/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 240_000,
    teardownTimeout: 5_000,
    passWithNoTests: false,
  },
});
