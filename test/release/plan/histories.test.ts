/** Version inference against 356 releases that nobody here wrote; see test/fixtures/histories/README.md. */
import { readdirSync, readFileSync } from 'node:fs';
import inc from 'semver/functions/inc.js';
import { describe, expect, it } from 'vitest';
import { planRelease } from '../../../src/release/plan/plan-release.ts';
import { historyOf, OPTIONS } from './history-fixtures.ts';
import { REVIEWED_DISAGREEMENTS } from './reviewed-disagreements.ts';

const FOLDER = new URL('../../fixtures/histories/', import.meta.url);

interface RecordedRelease {
  repository: string;
  from: string;
  released: string;
  commits: { sha: string; merge: boolean; date: string; author: string; message: string }[];
}

function readReleases(): RecordedRelease[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(new URL(name, FOLDER), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as RecordedRelease);
}

const bare = (tag: string) => tag.replace(/^v/, '');

function plan(release: RecordedRelease) {
  const commits = release.commits.map(({ sha, merge, date, author, message }) => ({
    sha,
    parents: merge ? 2 : 1,
    author: { name: author, email: `${author}@example.invalid` },
    date,
    message,
  }));
  return planRelease(historyOf(commits, { version: bare(release.from) }), OPTIONS);
}

/** The kind of step that the maintainers took, by `semver` and not by the code under test. */
function publishedBump(release: RecordedRelease): string {
  const [from, to] = [bare(release.from), bare(release.released)];
  if (to.split('.')[0] !== from.split('.')[0]) return 'major';
  return inc(from, 'minor')?.split('.')[1] === to.split('.')[1] ? 'minor' : 'patch';
}

describe('On the real histories', () => {
  const releases = readReleases();

  it('differs from the maintainers exactly where a person has reviewed the reason', () => {
    expect(releases).toHaveLength(356);
    const differing = releases
      .map((release) => ({
        repository: release.repository,
        released: release.released,
        planned: plan(release).next,
      }))
      .filter(({ released, planned }) => planned !== bare(released));
    expect(differing).toEqual(REVIEWED_DISAGREEMENTS.map(({ reason: _, ...rest }) => rest));
  });

  it('agrees on the kind of release in more than 95 of 100, where finding nothing counts as a patch', () => {
    const agreed = releases.filter((release) => (plan(release).bump ?? 'patch') === publishedBump(release));
    expect(agreed.length / releases.length).toBeGreaterThan(0.95);
  });

  it('says why for each release that it plans', () => {
    for (const release of releases) {
      const { next, bump, reasons, currentTag } = plan(release);
      if (next === null) continue;
      const announced = release.commits.some(({ message }) => /Release \d+\.\d+\.\d+-/.test(message));
      const demanded = release.commits.some(({ message }) => /^Release-As:/m.test(message));
      if (!announced && !demanded) {
        expect(
          reasons.map((reason) => reason.bump),
          `${release.repository} ${currentTag}`,
        ).toContain(bump);
      }
    }
  });
});
