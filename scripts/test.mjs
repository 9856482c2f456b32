/**
 * `npm test`: does all its own set-up, checks types, lint and format, then runs the tests of the default run.
 * `npm run test:NAME` (`--run NAME`): the tests of `test/NAME`, without the checks. Other arguments go to vitest
 * (`npm test -- test/release`, `npm test -- test/shipping/blocks`): a path is found in whichever run it is.
 * `npm run test:model -- --schedules 5000 --seed 7 --only 17` are for that run.
 * The last line is `N passed, N failed`, with `, N skipped` where some were.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, ROOT, runMain, runProgram } from './bootstrap.mjs';
import { judgeRun } from './judge-run.mjs';

const DEFAULT_RUN = 'default';

await runMain(async () => {
  const { node, environment } = await bootstrap();
  const { run, rest, variables } = readArguments(process.argv.slice(2));
  const failedChecks = [];
  const checks =
    run === undefined || run === DEFAULT_RUN
      ? [
          ['types (tsc)', 'typescript/bin/tsc', ['--noEmit']],
          ['lint and format (biome)', '@biomejs/biome/bin/biome', ['check', '.']],
        ]
      : [];
  for (const [name, program, args] of checks) {
    console.log(`Checking ${name} …`);
    const code = await runProgram(node, [join(ROOT, 'node_modules', program), ...args], { environment });
    if (code !== 0) {
      console.error(`\n*** The check of ${name} FAILED (exit code ${code}); see above. ***\n`);
      failedChecks.push(name);
    }
  }

  const folder = mkdtempSync(join(tmpdir(), 'windlass-test-report-'));
  try {
    const reportFile = join(folder, 'report.json');
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const chosen = run === undefined ? [] : [`--project=${run}`];
    const args = [vitest, 'run', ...chosen, ...rest];
    const exitCode = await runProgram(node, args, {
      environment: { ...environment, ...variables, WINDLASS_TEST_REPORT: reportFile },
    });
    const verdict = judgeRun({
      report: readReport(reportFile),
      exitCode,
      failedChecks,
      skippedIsFailure: process.env.CI === 'true' || process.env.CI === '1',
    });
    for (const problem of verdict.problems) console.error(`*** ${problem} ***`);
    console.log(verdict.summary);
    return verdict.passed ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Which run is asked for: the default one where nothing is, none in particular where a path or a project is. */
function readArguments(args) {
  const at = args.indexOf('--run');
  if (at >= 0) return { run: args[at + 1], ...readModelOptions(args.toSpliced(at, 2)) };
  const chosen = args.some((arg) => !arg.startsWith('-') || arg.startsWith('--project'));
  return { run: chosen ? undefined : DEFAULT_RUN, rest: args, variables: {} };
}

/** What the model-based test is asked for: vitest hands only variables on to its tests. */
function readModelOptions(args) {
  const variables = {};
  let rest = args;
  for (const name of ['schedules', 'seed', 'only', 'at-once']) {
    const at = rest.indexOf(`--${name}`);
    if (at < 0) continue;
    const value = rest[at + 1];
    if (!/^\d+$/.test(value ?? '')) throw new Error(`--${name} wants a number`);
    variables[`WINDLASS_MODEL_${name.toUpperCase().replace('-', '_')}`] = value;
    rest = rest.toSpliced(at, 2);
  }
  return { rest, variables };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
