import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One real Temporal server for the whole run.
    globalSetup: ['test/global-setup.ts'],
    // Each file in a process of its own: the Temporal SDK holds native state per process.
    pool: 'forks',
    // Two cores: one for the tests' workers, one for the servers that they talk to.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
