import { defineConfig } from 'vitest/config';

// `npm run test:interop`: other people's clients and test suites, the long ones too. vitest reads the
// default export.
export default defineConfig({
  test: {
    include: ['packages/bellwether/test/interop/**/*.test.ts'],
    // How long a failover takes is measured by npm test, not beside somebody's test suite.
    exclude: ['**/failover.test.ts', '**/crash-all.test.ts', '**/graceful-stop.test.ts'],
    globalSetup: ['packages/bellwether/test/interop/report-missing.ts'],
    env: { INTEROP: 'all' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    passWithNoTests: false,
  },
});
