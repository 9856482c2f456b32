/**
 * Judges a test run: what vitest's JSON report says, held against its exit code and the checks before it.
 * Anything that went wrong counts as failed, even where no single test did.
 * @param {Parameters<typeof import('./judge-run.d.mts').judgeRun>[0]} run
 * @returns {{ summary: string, passed: boolean, problems: string[] }} `summary` is the last line to print; `problems`
 * name each failed test with the beginning of its message
 */
export function judgeRun({ report, exitCode, failedChecks, skippedIsFailure }) {
  const problems = failedChecks.map((name) => `The check of ${name} failed.`);
  if (report === undefined) {
    problems.push(`The test runner left no report (exit code ${exitCode}).`);
    return { summary: `0 passed, ${problems.length} failed`, passed: false, problems };
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  // A file that fails to load has no tests that could fail.
  const brokenFiles = (report.testResults ?? []).filter(
    ({ status, assertionResults = [] }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  for (const { name } of brokenFiles) problems.push(`The test file ${name} failed as a whole.`);
  let failed = report.numFailedTests + problems.length;
  problems.push(...(report.testResults ?? []).flatMap(describeFailures));
  if (failed === 0 && exitCode !== 0) {
    problems.push(`No test failed, but the test runner did (exit code ${exitCode}); see its output above.`);
    failed = 1;
  }
  if (report.numPassedTests === 0 && failed === 0) {
    problems.push('No test ran.');
    failed = 1;
  }
  if (skipped > 0 && skippedIsFailure) {
    problems.push(`${skipped} tests were skipped, which counts as a failure under CI=true.`);
  }
  const tail = skipped > 0 ? `, ${skipped} skipped` : '';
  return {
    summary: `${report.numPassedTests} passed, ${failed} failed${tail}`,
    passed: failed === 0 && !(skipped > 0 && skippedIsFailure),
    problems,
  };
}

/** Of a log that is cut, the end is kept: what failed has to be readable there. */
const MESSAGE_LIMIT = 600;

function describeFailures({ name, assertionResults = [] }) {
  return assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => {
      const message = (failureMessages ?? []).join('; ').replace(/\s+/g, ' ').trim().slice(0, MESSAGE_LIMIT);
      return `${name}: ${fullName}: ${message}`;
    });
}
