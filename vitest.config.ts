import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Recording is no test: `node test/replay/record.ts` asks for it.
    exclude: [
      ...configDefaults.exclude,
      ...(process.env['WINDLASS_RECORD'] === undefined ? ['test/replay/record-histories.test.ts'] : []),
    ],
    // One real Temporal server for the whole run.
    globalSetup: ['test/global-setup.ts'],
    // Each file in a process of its own: the Temporal SDK holds native state per process.
    pool: 'forks',
    // Two cores: one for the tests' workers, one for the servers that they talk to.
    maxWorkers: 2,
    // Bounds for what hangs, not for what is slow: machines are noisy, and whole releases run here.
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
});
