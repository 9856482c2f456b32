/**
 * `npm test`: does all its own set-up, checks types, lint and format, then runs every test. Arguments go to
 * vitest (`npm test -- test/release`). The last line is `N passed, N failed`, with `, N skipped` where some were.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, ROOT, runMain, runProgram } from './bootstrap.mjs';
import { judgeRun } from './judge-run.mjs';

await runMain(async () => {
  const { node, environment } = await bootstrap();
  const failedChecks = [];
  const checks = [
    ['types (tsc)', 'typescript/bin/tsc', ['--noEmit']],
    ['lint and format (biome)', '@biomejs/biome/bin/biome', ['check', '.']],
  ];
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
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', ...reporters, ...process.argv.slice(2)];
    const exitCode = await runProgram(node, args, { environment });
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

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
