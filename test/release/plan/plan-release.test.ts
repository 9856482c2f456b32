import { describe, expect, it } from 'vitest';
import { planRelease } from '../../../src/release/plan/plan-release.ts';
import { commitsOf, historyOf, OPTIONS, shaOf } from './history-fixtures.ts';

const tag = (version: string, number = 999_998) => ({ tag: `v${version}`, version, sha: shaOf(number) });

describe('The next version', () => {
  it.each([
    ['1.2.3', 'fix: a', '1.2.4'],
    ['1.2.3', 'feat: a', '1.3.0'],
    ['1.2.3', 'feat!: a', '2.0.0'],
    ['0.4.2', 'feat!: a', '0.5.0'],
    ['0.4.2', 'feat: a', '0.5.0'],
    ['0.4.2', 'fix: a', '0.4.3'],
    ['1.2.3', 'Say it without convention', '1.2.4'],
    ['1.2.3', 'Add an option for the impatient', '1.3.0'],
    ['1.2.3', 'Require Node.js 20', '2.0.0'],
  ])('after %s with "%s" is %s', (version, message, next) => {
    expect(planRelease(historyOf(commitsOf(message), { version }), OPTIONS).next).toBe(next);
  });

  it('is none when nothing is noticed by users', () => {
    const plan = planRelease(
      historyOf(commitsOf('docs: a', 'chore: b', 'ci: c', 'chore(release): 1.2.3')),
      OPTIONS,
    );
    expect(plan).toMatchObject({ next: null, bump: null, reasons: [], changelog: '', notes: '' });
  });

  it('names exactly the commits that decide it', () => {
    const plan = planRelease(historyOf(commitsOf('fix: a', 'feat: b', 'docs: c', 'feat(x): d')), OPTIONS);
    expect(plan.reasons).toEqual([
      { sha: shaOf(3), subject: 'feat: b', bump: 'minor' },
      { sha: shaOf(1), subject: 'feat(x): d', bump: 'minor' },
    ]);
  });

  it('is major for what breaks below 1.0.0 only where the product says so', () => {
    const history = historyOf(commitsOf('feat!: a'), { version: '0.4.2' });
    expect(planRelease(history, { ...OPTIONS, breakingBelowOne: 'major' }).next).toBe('1.0.0');
  });

  it('is the demanded one when it is higher, and a warning when it is not', () => {
    const demanded = planRelease(historyOf(commitsOf('fix: a\n\nRelease-As: 4.0.0')), OPTIONS);
    expect(demanded.next).toBe('4.0.0');
    const refused = planRelease(historyOf(commitsOf('fix: a\n\nRelease-As: 1.0.0')), OPTIONS);
    expect(refused.next).toBe('1.2.4');
    expect(refused.warnings.join(' ')).toContain('1.0.0 was demanded, but 1.2.3 is already out');
  });

  it('follows a person, and warns when the history calls for more', () => {
    const plan = planRelease(historyOf(commitsOf('feat!: a')), { ...OPTIONS, bump: 'patch' });
    expect(plan.next).toBe('1.2.4');
    expect(plan.warnings.join(' ')).toContain('calls for a major release, but a patch release was asked for');
    expect(() => planRelease(historyOf(commitsOf('fix: a')), { ...OPTIONS, version: '1.0.0' })).toThrow(
      'Version 1.0.0 cannot be released',
    );
  });

  it('is 0.1.0 for a product without any release', () => {
    const plan = planRelease(historyOf(commitsOf('feat: a'), { base: null, latest: null }), OPTIONS);
    expect(plan).toMatchObject({ current: null, next: '0.1.0', nextTag: 'v0.1.0' });
    const major = planRelease(historyOf(commitsOf('feat: a'), { base: null, latest: null }), {
      ...OPTIONS,
      bump: 'major',
    });
    expect(major.next).toBe('1.0.0');
  });

  it('warns of a tag that exists on another branch', () => {
    const plan = planRelease(historyOf(commitsOf('feat: a'), { takenVersions: ['1.3.0'] }), OPTIONS);
    expect(plan.warnings.join(' ')).toContain('The tag v1.3.0 exists already');
  });
});

describe('Pre-releases', () => {
  const base = tag('1.2.3');
  const next = (
    latest: string | null,
    prerelease: string | null,
    ...messages: Parameters<typeof commitsOf>
  ) =>
    planRelease(
      historyOf(commitsOf(...messages), { base, latest: latest === null ? base : tag(latest, 5) }),
      { ...OPTIONS, prerelease },
    ).next;
  const old = (message: string) => ({ message, inPrerelease: true });

  it('go from 1.3.0-rc.1 over rc.2 to 1.3.0', () => {
    expect(next(null, 'rc', 'feat: a')).toBe('1.3.0-rc.1');
    expect(next('1.3.0-rc.1', 'rc', 'fix: b', old('feat: a'))).toBe('1.3.0-rc.2');
    expect(next('1.3.0-rc.2', null, old('fix: b'), old('feat: a'))).toBe('1.3.0');
  });

  it('move on when something bigger comes after', () => {
    expect(next('1.3.0-rc.1', 'rc', 'feat!: c', old('feat: a'))).toBe('2.0.0-rc.1');
    expect(next('1.3.0-rc.1', null, 'feat!: c', old('feat: a'))).toBe('2.0.0');
  });

  it('need something new', () => {
    expect(next('1.3.0-rc.1', 'rc', 'docs: b', old('feat: a'))).toBeNull();
  });

  it('never go down when the channel changes', () => {
    expect(next('1.3.0-alpha.4', 'beta', 'fix: b', old('feat: a'))).toBe('1.3.0-beta.1');
    expect(next('1.3.0-rc.1', 'beta', 'fix: b', old('feat: a'))).toBe('1.3.1-beta.1');
  });

  it('count towards the final version also when only a release commit tells of them', () => {
    const plan = planRelease(historyOf(commitsOf('fix: c', 'Release 2.0.0-next.1', 'fix: a')), OPTIONS);
    expect(plan.next).toBe('2.0.0');
  });
});

describe('A revert', () => {
  const messages = (...all: string[]) => planRelease(historyOf(commitsOf(...all)), OPTIONS);

  it('inside the range takes its commit with it', () => {
    const plan = messages(`Revert "feat: b"\n\nThis reverts commit ${shaOf(2)}.`, 'feat: b', 'fix: a');
    expect(plan.next).toBe('1.2.4');
    expect(plan.changelog).not.toContain('b');
    expect(messages('revert: feat: b (#9)', 'feat: b (#8)')).toMatchObject({ next: null });
  });

  it('that is reverted leaves the change standing', () => {
    const plan = messages(
      `Revert "Revert "feat: b""\n\nThis reverts commit ${shaOf(2)}.`,
      `Revert "feat: b"\n\nThis reverts commit ${shaOf(1)}.`,
      'feat: b',
    );
    expect(plan).toMatchObject({ next: '1.3.0', reasons: [{ sha: shaOf(1) }] });
    expect(messages('Reapply "feat: b"', 'Revert "feat: b"', 'feat: b').next).toBe('1.3.0');
  });

  it('of something released is a change of its own', () => {
    const plan = messages(`Revert "feat: old"\n\nThis reverts commit ${shaOf(77)}.`);
    expect(plan.next).toBe('1.2.4');
    expect(plan.changelog).toContain('Reverted: ');
  });
});

describe('Contributors', () => {
  it('are named once, without programs, newcomers marked', () => {
    const by = (name: string, email: string, message = 'fix: a') => ({ author: { name, email }, message });
    const plan = planRelease(
      historyOf(
        commitsOf(
          by('Ada', 'ada@work.invalid', 'fix: c'),
          by(
            'renovate[bot]',
            '29139614+renovate[bot]@users.noreply.github.com',
            'fix(deps): update dependency x to v2',
          ),
          by('Bo <b>', 'bo@example.invalid', 'fix: b\n\nCo-authored-by: Cy @all <cy@example.invalid>'),
          by('Ada', 'ada@example.invalid'),
        ),
        { newcomers: ['bo@example.invalid', 'ada@work.invalid'] },
      ),
      OPTIONS,
    );
    expect(plan.contributors).toEqual([
      { name: 'Ada', firstTime: false },
      { name: 'Bo <b>', firstTime: true },
      { name: 'Cy @all', firstTime: false },
    ]);
    expect(plan.notes).toContain('- Bo \\<b> (first contribution)\n- Cy (at)all\n');
  });
});
