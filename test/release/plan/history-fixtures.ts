/** Histories written by hand, as small as a test needs them. */
import type { CommitRecord, History } from '../../../src/release/plan/history.ts';
import type { PlanOptions } from '../../../src/release/plan/plan-release.ts';

/** A commit id that is different for every number. */
export function shaOf(number: number): string {
  return number.toString(16).padStart(8, '0').repeat(5);
}

/** Commits from messages, newest first; ids count from the oldest. */
export function commitsOf(...messages: (string | Partial<CommitRecord>)[]): CommitRecord[] {
  return messages.map((message, index) => ({
    sha: shaOf(messages.length - index),
    parents: 1,
    author: { name: 'Ada', email: 'ada@example.invalid' },
    date: '2026-01-01T00:00:00Z',
    message: '',
    ...(typeof message === 'string' ? { message } : message),
  }));
}

/** A history after a release, 1.2.3 unless told otherwise. */
export function historyOf(
  commits: CommitRecord[],
  changes: Partial<History> & { version?: string } = {},
): History {
  const { version = '1.2.3', ...rest } = changes;
  const base = { tag: `v${version}`, version, sha: shaOf(999_999) };
  return {
    repositoryUrl: 'https://github.com/acme/shop',
    tagFormat: 'v{version}',
    head: commits[0]?.sha ?? base.sha,
    base,
    latest: base,
    commits,
    newcomers: [],
    takenVersions: [],
    baseTrusted: true,
    warnings: [],
    ...rest,
  };
}

export const OPTIONS: PlanOptions = { title: 'Shop', date: '2026-02-03T04:05:06Z' };
