/** What vitest's JSON report says, as far as it counts here. */
export interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults?: {
    name?: string;
    status?: string;
    assertionResults?: { status?: string; fullName?: string; failureMessages?: string[] | null }[];
  }[];
}

export function judgeRun(run: {
  report: TestReport | undefined;
  exitCode: number;
  failedChecks: string[];
  skippedIsFailure: boolean;
}): { summary: string; passed: boolean; problems: string[] };
