/** Reading real repositories: which release came last, what came since, and what is refused with a reason. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchProductTags, readHistory } from '../../../src/integrations/git/history/history.ts';
import { readReleases } from '../../../src/integrations/git/history/history-all.ts';
import { openRepository } from '../../../src/integrations/git/history/history-refs.ts';
import type { CommitRecord } from '../../../src/release/plan/history.ts';
import { createRepository, type TestRepository } from './history-repository.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => repository.remove());

const read = (options: Partial<Parameters<typeof readHistory>[0]> = {}) =>
  readHistory({ repository: repository.folder, ...options });
/** The whole history, commit by commit, as `--all` reads it. */
async function readAll<T>(question: { to?: string }, digest: (commit: CommitRecord) => T) {
  const source = { repository: repository.folder, ...question };
  const opened = await openRepository(source);
  return readReleases({ opened, matched: matchProductTags(source, opened.tagCommits) }, digest);
}
const subjects = (history: { commits: { message: string }[] }) =>
  history.commits.map(({ message }) => message.split('\n')[0]);

describe('The last release', () => {
  it('is the highest version that the commit contains, not the newest tag and not one on another branch', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.9.0');
    repository.commit('feat: ten');
    repository.git('tag', 'v1.10.0');
    repository.git('branch', 'old', 'v1.9.0');
    repository.git('checkout', '--quiet', 'old');
    repository.commit('fix: old line');
    repository.git('tag', 'v1.9.1');
    repository.git('checkout', '--quiet', '-b', 'next', 'main');
    repository.commit('feat!: next');
    repository.git('tag', 'v2.0.0');
    repository.git('checkout', '--quiet', 'main');
    repository.git('merge', '--quiet', '--no-ff', '-m', 'Merge old', '-s', 'ours', 'old');
    repository.commit('fix: here');
    // Tagged last, contained, and lower.
    repository.git('tag', 'v1.0.0', 'v1.9.0');
    const history = await read();
    expect(history.base).toMatchObject({ tag: 'v1.10.0', version: '1.10.0' });
    expect(subjects(history)).toEqual(['fix: here', 'Merge old', 'fix: old line']);
    expect(history.takenVersions).toEqual(['2.0.0']);
    expect((await read({ to: 'old' })).base?.tag).toBe('v1.9.1');
  });

  it('is found behind hundreds of higher versions on other branches', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.git('checkout', '--quiet', '-b', 'next');
    repository.commit('feat: two');
    for (let at = 1; at <= 90; at++) repository.git('tag', `v2.${at}.0`);
    repository.git('checkout', '--quiet', 'main');
    repository.commit('fix: here');
    const history = await read();
    expect(history.base?.tag).toBe('v1.0.0');
    expect(subjects(history)).toEqual(['fix: here']);
  });

  it('is the higher of two tags on one commit, annotated or not', async () => {
    const sha = repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.git(
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@example.invalid',
      'tag',
      '-a',
      '-m',
      'x',
      'v1.0.1',
    );
    repository.git('tag', 'v1.0.1-rc.1');
    const history = await read();
    expect(history.base).toEqual({ tag: 'v1.0.1', version: '1.0.1', sha });
    expect(history.commits).toEqual([]);
  });

  it('keeps a final release apart from the pre-release after it', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('feat: two');
    repository.git('tag', 'v1.1.0-rc.1');
    repository.commit('fix: three');
    const history = await read();
    expect([history.base?.tag, history.latest?.tag]).toEqual(['v1.0.0', 'v1.1.0-rc.1']);
    expect(history.commits.map((commit) => [commit.message.trim(), commit.inPrerelease ?? false])).toEqual([
      ['fix: three', false],
      ['feat: two', true],
    ]);
  });

  it('ignores tags that are no versions', async () => {
    repository.commit('feat: one');
    for (const tag of ['v1', 'v1.2', 'nightly', '2024.01.02', 'v1.2.3.4', 'v01.2.3', 'v1.2.3-'])
      repository.git('tag', tag);
    repository.git('tag', 'v0.3.0');
    expect((await read()).base?.tag).toBe('v0.3.0');
  });

  it('is null before the first, which is said', async () => {
    repository.commit('feat: one');
    const history = await read();
    expect(history).toMatchObject({ base: null, latest: null, baseTrusted: true, tagFormat: 'v{version}' });
    expect(history.warnings.join()).toContain('no release tag yet');
    expect(subjects(history)).toEqual(['feat: one']);
  });
});

describe('Tags that are no semantic versions', () => {
  it.each([
    [['v1.1', 'v1.2', 'v1.10'], 'v1.10', '1.10.0', 'v{version}'],
    [['1.2'], '1.2', '1.2.0', '{version}'],
    [['v1', 'v2'], 'v2', '2.0.0', 'v{version}'],
  ])('%j are read as what they mean where there are no others', async (tags, tag, version, tagFormat) => {
    repository.commit('feat: one');
    for (const name of tags) repository.git('tag', name);
    repository.commit('fix: two');
    const history = await read();
    expect(history).toMatchObject({ base: { tag, version }, tagFormat, baseTrusted: true });
    expect(history.warnings.join()).toContain(`${tag} was read as ${version}`);
    expect(subjects(history)).toEqual(['fix: two']);
    expect((await read({ from: tag })).base).toMatchObject({ tag, version });
  });

  it('are never a silent recount of all history', async () => {
    repository.commit('feat: one');
    repository.git('tag', '2024.01.15');
    repository.git('tag', 'nightly');
    const history = await read();
    expect(history).toMatchObject({ base: null, baseTrusted: false, commits: [] });
    expect(history.warnings.join()).toContain('such as 2024.01.15, but none is a semantic version');
  });
});

describe('Tag formats', () => {
  it.each([
    ['v1.2.3', null, 'v{version}'],
    ['1.2.3', null, '{version}'],
    ['shop@1.2.3', null, 'shop@{version}'],
    ['shop-v1.2.3', 'shop-v{version}', 'shop-v{version}'],
    ['@acme/shop@1.2.3', '@acme/shop@', '@acme/shop@{version}'],
    ['release/1.2.3', 'release/9.9.9', 'release/{version}'],
  ])('%s is found by %s', async (tag, tagFormat, expected) => {
    repository.commit('feat: one');
    repository.git('tag', tag);
    repository.git('tag', 'other-thing');
    expect(await read({ tagFormat, names: ['shop'] })).toMatchObject({
      tagFormat: expected,
      base: { tag, version: '1.2.3' },
    });
  });

  it('that match nothing are a warning, and nothing is counted', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.2.3');
    const history = await read({ tagFormat: 'shop@{version}' });
    expect(history).toMatchObject({ base: null, baseTrusted: false, commits: [] });
    expect(history.warnings.join()).toContain(
      'No tag is written as "shop@{version}", but there are tags written as "v{version}"',
    );
    expect(subjects(await read({ tagFormat: 'shop@{version}', decided: true }))).toEqual(['feat: one']);
  });

  it('of several products are not guessed at', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'a@1.0.0');
    repository.git('tag', 'b@1.0.0');
    const history = await read();
    expect(history).toMatchObject({ baseTrusted: false, commits: [] });
    expect(history.warnings.join()).toContain('none tells whether it is this product');
  });
});

describe('A subfolder', () => {
  it('counts only commits that touch it, by its own tags, whatever characters its name has', async () => {
    repository.commit('feat: all', { file: 'packages/a*/x.txt' });
    repository.git('tag', 'shop@1.0.0');
    repository.git('tag', 'v9.0.0');
    repository.commit('fix: inside', { file: 'packages/a*/x.txt' });
    repository.commit('feat: outside', { file: 'packages/ab/y.txt' });
    const history = await read({ path: './packages/a*/', names: ['shop'] });
    expect(history.base?.tag).toBe('shop@1.0.0');
    expect(subjects(history)).toEqual(['fix: inside']);
  });

  it('must exist, and lie inside the repository', async () => {
    repository.commit('feat: one');
    await expect(read({ path: 'nowhere' })).rejects.toThrow('There is no nowhere in HEAD');
    await expect(read({ path: '../other' })).rejects.toThrow('must lie inside the repository');
    await expect(read({ path: '/etc' })).rejects.toThrow('must lie inside the repository');
    // A path like an option is a path.
    await expect(read({ path: '--output=pwned' })).rejects.toThrow('There is no --output=pwned in HEAD');
    repository.commit('feat: odd', { file: '-x/a.txt' });
    expect(subjects(await read({ path: '-x' }))).toEqual(['feat: odd']);
    expect(existsSync(join(repository.folder, 'pwned'))).toBe(false);
  });
});

describe('Behind many later versions', () => {
  it('an old commit and a maintenance branch find their release, however little is read at a time', async () => {
    // Days apart, as real releases are: later ones are ruled out by their dates, the others by looking further back.
    repository.commit('feat: first');
    repository.git('tag', 'v1.0.0');
    const day = 86_400;
    const later = (days: number, message: string) => {
      repository.pass(days * day);
      return repository.commit(message);
    };
    later(1, 'fix: one');
    repository.git('tag', 'v1.0.1');
    repository.git('branch', 'one');
    for (let at = 0; at < 12; at++) {
      later(40, `feat: number ${at}`);
      repository.git('tag', `v2.${at}.0`);
    }
    repository.git('checkout', '--quiet', 'one');
    for (let at = 0; at < 10; at++) later(1, `fix: backport ${at}`);
    for (const newcomerSearch of [1, 3, 2_000]) {
      expect((await read({ to: 'one', newcomerSearch })).base?.tag).toBe('v1.0.1');
      expect((await read({ to: 'v2.3.0', newcomerSearch })).base?.tag).toBe('v2.3.0');
      expect((await read({ to: 'v2.3.0~1', newcomerSearch })).base?.tag).toBe('v2.2.0');
      expect((await read({ to: 'main', newcomerSearch })).base?.tag).toBe('v2.11.0');
    }
    // The old release is merged into the new line after it: lower, however late.
    repository.git('checkout', '--quiet', 'main');
    repository.git('merge', '--quiet', '--no-ff', '-m', 'Merge one', '-s', 'ours', 'one');
    repository.git('tag', 'v1.0.2', 'one');
    expect((await read({ newcomerSearch: 1 })).base?.tag).toBe('v2.11.0');
  });
});

describe('Contributors', () => {
  it('are newcomers when nothing of theirs is older, and the search reached the beginning', async () => {
    repository.commit('feat: one', { author: 'Ada <ada@example.invalid>' });
    repository.commit('feat: two', { author: 'Old <old@example.invalid>' });
    repository.git('tag', 'v1.0.0');
    repository.commit('fix: a', { author: 'Ada <ADA@example.invalid>' });
    repository.commit('fix: b\n\nCo-authored-by: Cy <cy@example.invalid>', {
      author: 'Bo <bo@example.invalid>',
    });
    expect((await read()).newcomers).toEqual(['bo@example.invalid', 'cy@example.invalid']);
    // Where older work may lie behind what was searched, nobody is called new.
    expect((await read({ newcomerSearch: 2 })).newcomers).toEqual([]);
    expect((await read({ newcomerSearch: 3 })).newcomers).toEqual([
      'bo@example.invalid',
      'cy@example.invalid',
    ]);
  });

  it('are searched for until each has older work, and not where the releases alone outnumber the search', async () => {
    repository.commit('feat: zero', { author: 'Eve <eve@example.invalid>' });
    for (let at = 0; at < 5; at++) {
      repository.commit(`feat: ${at}`, { author: 'Old <old@example.invalid>' });
      repository.git('tag', `v1.${at}.0`);
    }
    repository.commit('fix: a', { author: 'Eve <EVE@example.invalid>' });
    // The last commit is all that is looked at first: further back, Eve is found.
    expect((await read({ newcomerSearch: 7 })).newcomers).toEqual([]);
    repository.commit('fix: b', { author: 'Bo <bo@example.invalid>' });
    expect((await read({ newcomerSearch: 7 })).newcomers).toEqual(['bo@example.invalid']);
    expect((await read({ newcomerSearch: 4 })).newcomers).toEqual([]);
  });
});

describe('What cannot be read is refused with the reason', () => {
  it('a folder without a repository, and one that does not exist', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windlass-none-'));
    await expect(read({ repository: folder })).rejects.toThrow('is not inside a git repository');
    await expect(read({ repository: join(folder, 'none') })).rejects.toThrow(
      /is not inside a git repository|no such folder/,
    );
    rmSync(folder, { recursive: true });
  });

  it('a repository without a commit', async () => {
    await expect(read()).rejects.toThrow('no commit yet');
  });

  it('a shallow clone that lacks commits of the range, with what to fetch', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    for (let at = 0; at < 5; at++) repository.commit(`fix: number ${at}`);
    const clone = mkdtempSync(join(tmpdir(), 'windlass-shallow-'));
    execFileSync('git', ['clone', '--quiet', '--depth=3', `file://${repository.folder}`, clone], {
      stdio: 'ignore',
    });
    await expect(read({ repository: clone })).rejects.toThrow(
      /shallow: it has 3 commits since its end.*--unshallow --tags.*--deepen=100/s,
    );
    execFileSync('git', ['-C', clone, 'fetch', '--quiet', '--deepen=3', '--tags'], { stdio: 'ignore' });
    expect((await read({ repository: clone })).commits).toHaveLength(5);
    rmSync(clone, { recursive: true });
  });

  it('a tag that the commit does not contain, does not exist, or states no version', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.git('tag', 'nightly');
    repository.git('checkout', '--quiet', '-b', 'side');
    repository.commit('feat: side');
    repository.git('tag', 'v1.1.0');
    repository.git('checkout', '--quiet', 'main');
    await expect(read({ from: 'v1.1.0' })).rejects.toThrow('HEAD does not contain v1.1.0');
    await expect(read({ from: 'v3.0.0' })).rejects.toThrow('--from v3.0.0: there is no such');
    await expect(read({ from: 'nightly' })).rejects.toThrow('states no semantic version');
    await expect(read({ to: 'nowhere' })).rejects.toThrow('--to nowhere: there is no such');
    expect((await read({ from: 'v1.0.0', to: 'side' })).commits).toHaveLength(1);
  });

  it.each(['--output=pwned', '-x', 'a b', 'v1\nHEAD', ''])('the ref %j, which is no name', async (ref) => {
    repository.commit('feat: one');
    await expect(read({ to: ref })).rejects.toThrow('is not the name of a branch, tag or commit');
    await expect(read({ from: ref })).rejects.toThrow('is not the name of a branch, tag or commit');
    expect(existsSync(join(repository.folder, 'pwned'))).toBe(false);
  });
});

describe('Where to release from', () => {
  it('may be a branch, a tag, an abbreviated commit or a step back from one', async () => {
    const one = repository.commit('feat: one');
    const two = repository.commit('feat: two');
    repository.git('tag', 'point', one);
    repository.git('branch', 'point', two);
    for (const [to, head] of [
      ['main', two],
      ['point', two],
      ['refs/tags/point', one],
      [one.slice(0, 10), one],
      ['HEAD~1', one],
    ] as const) {
      expect((await read({ to })).head, to).toBe(head);
    }
    await expect(read({ to: 'main..point' })).rejects.toThrow('--to main..point: there is no such');
  });
});

describe('Hostile contents', () => {
  it('come through as data: names of branches, authors and messages with shell and terminal syntax', async () => {
    const message = 'feat: $(touch pwned) `touch pwned` \u001b[31m\u202e ; rm -rf / \u001e\u001f\n\nbody';
    repository.commit(message, { author: '$(touch pwned) <x;touch pwned@example.invalid>' });
    repository.git('branch', 'a$(touch$IFS$9pwned)`x`');
    repository.git('branch', 'v1.0.0');
    repository.git('tag', '-f', 'v1.0.0');
    repository.commit('fix: more');
    const history = await read({ to: 'a$(touch$IFS$9pwned)`x`' });
    expect(history.commits).toEqual([]);
    expect((await read({ from: null })).base?.tag).toBe('v1.0.0');
    const whole = await readAll({ to: history.head }, (commit) => commit.message);
    expect(whole.releases[0]?.commits[0]?.trimEnd()).toBe(message);
    expect(existsSync(join(repository.folder, 'pwned'))).toBe(false);
  });
});

describe('The whole history', () => {
  it('gives each commit to the lowest version that contains it, also across maintenance branches', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.git('checkout', '--quiet', '-b', 'old');
    repository.commit('fix: old');
    repository.git('tag', 'v1.0.1');
    repository.git('checkout', '--quiet', 'main');
    repository.commit('feat: two');
    repository.git('merge', '--quiet', '--no-ff', '-m', 'Merge old', '-s', 'ours', 'old');
    repository.git('tag', 'v2.0.0-rc.1');
    repository.commit('feat: three');
    repository.git('tag', 'v2.0.0');
    const { releases } = await readAll({}, (commit) => commit.message.trim());
    expect(releases.map(({ tag, commits }) => [tag, commits])).toEqual([
      ['v2.0.0', ['feat: three', 'Merge old', 'feat: two']],
      ['v1.0.1', ['fix: old']],
      ['v1.0.0', ['feat: one']],
    ]);
  });
});
