/**
 * `node scripts/add-results.mjs EXIT_CODE LOG [EXIT_CODE LOG …]`: one result of several runs. Prints what is wrong with
 * any of them (what they named as failed is said again: of a long log, people see the end), then one line `N passed, N failed` with `, N skipped` where some were, and ends with 1 unless all
 * passed.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** As `npm test` names a problem, and as the crash test does, with its reason on the next line. */
const PROBLEM = /^(?:\*\*\* .+ \*\*\*|FAIL .+\n +.+)$/gm;
const RESULT = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm;

/**
 * @param {{ name: string, exitCode: number, output: string }[]} runs
 * @returns {{ summary: string, passed: boolean, problems: string[] }}
 */
export function addResults(runs) {
  const problems = [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const named = [];
  for (const { name, exitCode, output } of runs) {
    for (const [problem] of output.matchAll(PROBLEM))
      named.push(`${name}: ${problem.replace(/^\*+ | \*+$/g, '')}`);
    const last = [...output.matchAll(RESULT)].at(-1);
    const [passed, failed, skipped] = (last ?? []).slice(1).map((digits) => Number(digits ?? 0));
    sum.passed += passed ?? 0;
    sum.failed += failed ?? 0;
    sum.skipped += skipped ?? 0;
    if (last === undefined) problems.push(`${name} ended without a result (exit code ${exitCode}).`);
    // Skipped tests fail a run, too, and its own line says so.
    else if (exitCode !== 0 && failed === 0 && skipped === 0) {
      problems.push(`${name} failed although none of its tests did (exit code ${exitCode}).`);
    }
  }
  if (runs.length === 0) problems.push('Nothing ran.');
  sum.failed += problems.length;
  const tail = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
  return {
    summary: `${sum.passed} passed, ${sum.failed} failed${tail}`,
    passed: sum.failed === 0 && runs.every(({ exitCode }) => exitCode === 0),
    problems: [...named, ...problems],
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const runs = [];
  for (let at = 2; at + 1 < argv.length; at += 2) {
    const log = argv[at + 1] ?? '';
    runs.push({ name: basename(log), exitCode: Number(argv[at]), output: readFileSync(log, 'utf8') });
  }
  const { summary, passed, problems } = addResults(runs);
  for (const problem of problems) console.error(`*** ${problem} ***`);
  console.log(summary);
  process.exitCode = passed ? 0 : 1;
}
