import { describe, expect, test } from 'vitest';
import { judgeRun } from '../../scripts/judge-run.mjs';

const green = { numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const base = { report: green, exitCode: 0, failedChecks: [] as string[], skippedIsFailure: false };

describe('the verdict over a test run', () => {
  test('passes a run in which everything passed', () => {
    expect(judgeRun(base)).toEqual({ summary: '12 passed, 0 failed', passed: true, problems: [] });
  });

  test.each([
    [
      'a failed test',
      { ...base, exitCode: 1, report: { ...green, numFailedTests: 2 } },
      '12 passed, 2 failed',
    ],
    ['a failed check before the tests', { ...base, failedChecks: ['types'] }, '12 passed, 1 failed'],
    [
      'a file that did not load',
      { ...base, exitCode: 1, report: { ...green, testResults: [{ name: 'a.test.ts', status: 'failed' }] } },
      '12 passed, 1 failed',
    ],
    ['a runner that failed though no test did', { ...base, exitCode: 1 }, '12 passed, 1 failed'],
    ['a run without any test', { ...base, report: { ...green, numPassedTests: 0 } }, '0 passed, 1 failed'],
    ['a runner that crashed', { ...base, report: undefined, exitCode: 134 }, '0 passed, 1 failed'],
  ])('counts %s as failed', (_what, run, summary) => {
    const verdict = judgeRun(run);
    expect(verdict.summary).toBe(summary);
    expect(verdict.passed).toBe(false);
  });

  test('names each failed test with the beginning of its message', () => {
    const failed = {
      status: 'failed',
      fullName: 'sums add',
      failureMessages: ['expected 1\nto be 2', 'x'.repeat(9_000)],
    };
    const report = {
      ...green,
      numFailedTests: 1,
      testResults: [
        { name: 'a.test.ts', status: 'failed', assertionResults: [failed, { status: 'passed' }] },
      ],
    };
    const { problems, summary } = judgeRun({ ...base, exitCode: 1, report });
    expect(summary).toBe('12 passed, 1 failed');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^a\.test\.ts: sums add: expected 1 to be 2; x{10}/);
    expect(problems[0]?.length).toBeLessThan(700);
  });

  test('names skipped tests, and fails them where nothing may be skipped', () => {
    const report = { ...green, numPendingTests: 2, numTodoTests: 1 };
    expect(judgeRun({ ...base, report })).toMatchObject({
      summary: '12 passed, 0 failed, 3 skipped',
      passed: true,
    });
    expect(judgeRun({ ...base, report, skippedIsFailure: true })).toMatchObject({
      summary: '12 passed, 0 failed, 3 skipped',
      passed: false,
    });
  });
});
