import type { GitTexts } from '../../git-texts.ts';
import type { Bump } from '../../names.ts';
import type { Item } from '../changelog/sections.ts';
import type { CommitRecord } from '../history.ts';
import { maxBump } from '../infer-version.ts';
import { compareVersions } from '../version.ts';
import { type ParsedMessage, parseMessage } from './commit.ts';
import { findCancelled } from './reverts.ts';
import type { compileRules } from './type-rules.ts';

export interface ReadCommit {
  record: CommitRecord;
  parsed: ParsedMessage;
}

export interface ReadCommits {
  /** What counts as released by this release: no release commits, no pairs of commit and revert; newest first. */
  counted: ReadCommit[];
  releaseAs: string | null;
  announced: string | null;
}

/** Reads all messages, and leaves out what releases nothing. */
export function readCommits(
  records: readonly CommitRecord[],
  rules: ReturnType<typeof compileRules>['rules'] = [],
  git?: Partial<GitTexts>,
): ReadCommits {
  const all = records.map((record) => ({
    record,
    parsed: parseMessage(record.message, {
      merge: record.parents > 1,
      rules,
      labels: record.labels ?? [],
      git,
    }),
  }));
  const cancelled = findCancelled(
    all.map(({ record, parsed }) => ({
      sha: record.sha,
      subject: parsed.subject,
      reverted: parsed.reverted,
      pullRequest: parsed.pullRequest ?? record.pullRequest?.number ?? null,
      ...(record.parentShas === undefined ? {} : { parentShas: record.parentShas }),
    })),
  );
  let announced: string | null = null;
  for (const { parsed } of all) {
    if (parsed.announces === null) continue;
    if (announced === null || compareVersions(parsed.announces, announced) > 0) announced = parsed.announces;
  }
  return {
    counted: all.filter(
      ({ parsed }, index) =>
        !cancelled.has(index) &&
        parsed.kind !== 'release' &&
        parsed.kind !== 'fixup' &&
        (parsed.kind !== 'merge' || parsed.changes.length > 0),
    ),
    releaseAs:
      all.find(({ parsed }, index) => parsed.releaseAs !== null && !cancelled.has(index))?.parsed.releaseAs ??
      null,
    announced,
  };
}

/** The lines that a commit contributes to a release. */
export function toItems(record: CommitRecord, parsed: ParsedMessage): Item[] {
  const by = record.pullRequest?.author;
  return parsed.changes.map((change) => ({
    ...change,
    sha: record.sha,
    ...(parsed.kind === 'merge' ? { merge: true } : {}),
    pullRequest: change.pullRequest ?? record.pullRequest?.number ?? null,
    ...(by === undefined ? {} : { by }),
  }));
}

/** How far a message moves the version by its own words; null when it does not. */
export function highestBump(parsed: ParsedMessage): Bump | null {
  return parsed.changes.reduce<Bump | null>((highest, change) => maxBump(highest, change.bump), null);
}
