import { configDefaults, defineConfig } from 'vitest/config';
import { SlowestFiles } from './test/slowest-files.ts';

/**
 * The runs with a name of their own: each is the folder `test/NAME`, and `npm run test:NAME` runs it. Whatever lies
 * elsewhere under `test` belongs to the default run, `npm test`. CONTRIBUTING.md says what each guards.
 */
const NAMED_RUNS = ['shipping', 'world', 'browser', 'fuzz', 'package', 'attack', 'model'];

// Recording is no test: `node test/replay/record.ts` asks for it.
const notTests = process.env['WINDLASS_RECORD'] === undefined ? ['test/replay/record-histories.test.ts'] : [];

const forEachFile = {
  // Each file in a process of its own: the Temporal SDK holds native state per process.
  pool: 'forks',
  // Bounds for what hangs, not for what is slow: machines are noisy, and whole releases run here.
  testTimeout: 720_000,
  hookTimeout: 900_000,
} as const;

const report = process.env['WINDLASS_TEST_REPORT'];

export default defineConfig({
  test: {
    // One real Temporal server for the whole run.
    globalSetup: ['test/global-setup.ts'],
    // The report is for scripts/test.mjs, which judges by it.
    reporters: ['default', new SlowestFiles(), ...(report === undefined ? [] : ['json'])],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    // Also on two cores: what takes long mostly waits, for windows, soaks and servers.
    maxWorkers: 4,
    projects: [
      {
        test: {
          ...forEachFile,
          name: 'default',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...notTests, ...NAMED_RUNS.map((name) => `test/${name}/**`)],
        },
      },
      ...NAMED_RUNS.map((name) => ({
        test: { ...forEachFile, name, include: [`test/${name}/**/*.test.ts`] },
      })),
    ],
  },
});
