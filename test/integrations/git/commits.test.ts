import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packCommit, unpackCommit } from '../../../src/integrations/git/bundle.ts';
import { sweepCheckouts, withCheckout } from '../../../src/integrations/git/checkout.ts';
import { cherryPick } from '../../../src/integrations/git/cherry-pick.ts';
import { createCommit } from '../../../src/integrations/git/create-commit.ts';
import { isAncestor, mergeCommits } from '../../../src/integrations/git/merge.ts';
import {
  fetchMirror,
  findCommit,
  type Mirror,
  openMirror,
  readFileAt,
  resolveCommit,
} from '../../../src/integrations/git/mirror/mirror.ts';
import { tidyMirrors } from '../../../src/integrations/git/mirror/tidy-mirrors.ts';
import { createTagObject } from '../../../src/integrations/git/tag.ts';
import { nameOwner } from '../../../src/integrations/process/process-owner.ts';
import { type GitWorld, makeGitWorld, runPlainGit } from './git-world.ts';

const BOT = { name: 'Windlass', email: 'windlass@example.com' };
const DATE = '2026-03-01T12:00:00Z';

let world: GitWorld;
let mirror: Mirror;
let tip: string;

beforeEach(async () => {
  world = makeGitWorld();
  mirror = await world.mirror();
  await fetchMirror(mirror);
  tip = await resolveCommit(mirror, 'main');
});
afterEach(() => world.remove());

describe('the mirror', () => {
  it('follows branches and tags that were made, moved and deleted', async () => {
    const second = world.commit('feat: second', { a: '1' });
    world.git('tag', 'v1.0.0');
    world.git('push', '-q', 'origin', 'v1.0.0', 'HEAD:refs/heads/gone');
    await fetchMirror(mirror);
    expect(await resolveCommit(mirror, 'refs/heads/main')).toBe(second);
    expect(await resolveCommit(mirror, 'refs/tags/v1.0.0')).toBe(second);
    expect(await resolveCommit(mirror, 'gone')).toBe(second);
    world.git(
      'push',
      '-q',
      'origin',
      ':refs/heads/gone',
      `+${tip}:refs/heads/main`,
      `+${tip}:refs/tags/v1.0.0`,
    );
    await fetchMirror(mirror);
    expect(await resolveCommit(mirror, 'main')).toBe(tip);
    expect(await resolveCommit(mirror, 'refs/tags/v1.0.0')).toBe(tip);
    await expect(resolveCommit(mirror, 'gone')).rejects.toMatchObject({ name: 'GitRefMissing', ref: 'gone' });
  });

  it('takes an annotated tag for the commit that it is on', async () => {
    world.git('tag', '-a', '-m', 'one', 'v1.0.0');
    world.git('push', '-q', 'origin', 'v1.0.0');
    await fetchMirror(mirror);
    expect(await resolveCommit(mirror, 'refs/tags/v1.0.0')).toBe(tip);
  });

  it('refuses an option where it expects a ref, and runs nothing', async () => {
    const marker = join(world.root, 'ran');
    for (const ref of [`--upload-pack=touch ${marker}`, 'refs/remotes/origin/main', 'HEAD~1', '--all']) {
      await expect(resolveCommit(mirror, ref)).rejects.toMatchObject({ name: 'GitNameRefused' });
    }
    await expect(openMirror({ url: `ext::touch ${marker}`, folder: world.mirrors })).rejects.toMatchObject({
      name: 'GitNameRefused',
    });
    expect(existsSync(marker)).toBe(false);
  });

  it('keeps unpushed commits when many processes fetch at once', async () => {
    const sha = await createCommit(mirror, {
      parents: [tip],
      changes: [],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    world.commit('feat: second', { a: '1' });
    await Promise.all(Array.from({ length: 6 }, async () => fetchMirror(await world.mirror())));
    expect(await findCommit(mirror, sha)).toBe(sha);
  });

  it('gets over the lock files of a git that was killed, once they are old enough to be nobody else’s', async () => {
    const second = world.commit('feat: second', { a: '1' });
    const lock = join(mirror.gitDir, 'refs/remotes/origin/main.lock');
    writeFileSync(lock, '');
    await expect(fetchMirror(mirror)).rejects.toMatchObject({ name: 'GitFailed', trouble: 'unavailable' });
    expect(existsSync(lock)).toBe(true);
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(lock, longAgo, longAgo);
    await fetchMirror(mirror);
    expect(await resolveCommit(mirror, 'main')).toBe(second);
  });

  it('stops with the reason that it was told to stop for', async () => {
    const controller = new AbortController();
    const reason = new Error('the worker shuts down');
    const stopped = fetchMirror({ ...mirror, signal: controller.signal });
    controller.abort(reason);
    await expect(stopped).rejects.toBe(reason);
    await fetchMirror(mirror);
  });

  it('says what cannot be reached', async () => {
    const lost = await openMirror({ url: join(world.root, 'nowhere.git'), folder: world.mirrors });
    await expect(fetchMirror(lost)).rejects.toMatchObject({ name: 'GitFailed', trouble: 'no-repository' });
    const away = await openMirror({ url: 'http://127.0.0.1:1/shop.git', folder: world.mirrors });
    await expect(fetchMirror(away)).rejects.toMatchObject({ name: 'GitFailed', trouble: 'unavailable' });
  });
});

describe('making a commit', () => {
  it('is a function of its input: the same id in another mirror at another time, as git says it should be', async () => {
    const input = {
      parents: [tip],
      changes: [
        { path: 'package.json', contents: '{"version":"1.1.0"}\n' },
        { path: 'docs/ü/new file.md', contents: Buffer.from([0xff, 0x00]) },
        { path: 'README.md', contents: null },
      ],
      message: 'chore(release): 1.1.0\n\nRelease-Id: shop-1\n\n',
      author: BOT,
      date: '2026-03-01T13:00:00.900+01:00',
    };
    const sha = await createCommit(mirror, input);
    const other = await openMirror({ url: world.remote, folder: join(world.root, 'other') });
    await fetchMirror(other);
    expect(await createCommit(other, input)).toBe(sha);
    expect(runPlainGit(mirror.gitDir, 'cat-file', 'commit', sha)).toBe(
      [
        `tree ${runPlainGit(mirror.gitDir, 'rev-parse', `${sha}^{tree}`)}`,
        `parent ${tip}`,
        'author Windlass <windlass@example.com> 1772366400 +0000',
        'committer Windlass <windlass@example.com> 1772366400 +0000',
        '',
        'chore(release): 1.1.0',
        '',
        'Release-Id: shop-1',
      ].join('\n'),
    );
    expect(
      runPlainGit(mirror.gitDir, '-c', 'core.quotePath=false', 'ls-tree', '-r', '--name-only', sha).split(
        '\n',
      ),
    ).toEqual(['docs/ü/new file.md', 'package.json']);
    expect(await readFileAt(mirror, sha, 'docs/ü/new file.md')).toEqual(Buffer.from([0xff, 0x00]));
    expect(await readFileAt(mirror, sha, 'README.md')).toBeUndefined();
    expect(readdirSync(join(world.mirrors, 'checkouts'))).toEqual([]);
  });

  it('keeps a changed file executable, and does not write through a link', async () => {
    writeFileSync(join(world.clone, 'deploy'), '#!/bin/sh\n');
    chmodSync(join(world.clone, 'deploy'), 0o755);
    symlinkSync('README.md', join(world.clone, 'link'));
    const parent = world.commit('feat: script', {});
    await fetchMirror(mirror);
    const change = (path: string): Promise<string> =>
      createCommit(mirror, {
        parents: [parent],
        changes: [{ path, contents: 'x' }],
        message: 'm',
        author: BOT,
        date: DATE,
      });
    expect(runPlainGit(mirror.gitDir, 'ls-tree', await change('deploy'), 'deploy')).toMatch(/^100755 /);
    await expect(change('link')).rejects.toThrow(/is a link/);
  });

  it('names every bad path at once and makes nothing', async () => {
    const changes = ['../a', 'ok', '.git/config', 'ok'].map((path) => ({ path, contents: 'x' }));
    const made = createCommit(mirror, { parents: [tip], changes, message: 'm', author: BOT, date: DATE });
    await expect(made).rejects.toThrow(/"\.\.\/a".*"\.git\/config".*"ok" is changed twice/s);
  });

  it('begins a history when there is no parent', async () => {
    const sha = await createCommit(mirror, {
      parents: [],
      changes: [{ path: 'state.yml', contents: 'a: 1\n' }],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    expect(runPlainGit(mirror.gitDir, 'rev-list', '--count', sha)).toBe('1');
  });
});

describe('a tag object', () => {
  it('is a function of its input, and is what `git tag -a` makes', async () => {
    const made = await createTagObject(mirror, {
      tag: 'v1.1.0',
      sha: tip,
      message: 'shop v1.1.0\n\nNotes',
      tagger: BOT,
      date: DATE,
    });
    world.git('-c', 'user.name=x', 'tag', 'unused');
    const env = {
      ...process.env,
      GIT_COMMITTER_NAME: BOT.name,
      GIT_COMMITTER_EMAIL: BOT.email,
      GIT_COMMITTER_DATE: '1772366400 +0000',
    };
    const { execFileSync } = await import('node:child_process');
    execFileSync('git', ['tag', '-a', '-m', 'shop v1.1.0\n\nNotes', 'v1.1.0', tip], {
      cwd: world.clone,
      env,
    });
    expect(made).toBe(world.git('rev-parse', 'refs/tags/v1.1.0'));
    expect(world.git('rev-parse', `${made}^{commit}`)).toBe(tip);
  });
});

describe('a checkout', () => {
  it('has exactly the commit in a repository of its own with the tags, and is gone afterwards, errors or not', async () => {
    world.git('tag', '-a', '-m', 'one', 'v1.0.0');
    world.git('push', '-q', 'origin', 'v1.0.0');
    const next = world.commit('feat: next', { 'src/a.txt': 'a\n' });
    await fetchMirror(mirror);
    let folder = '';
    const failing = withCheckout(mirror, next, async (dir) => {
      folder = dir;
      expect(runPlainGit(dir, 'rev-parse', 'HEAD')).toBe(next);
      expect(runPlainGit(dir, 'status', '--porcelain')).toBe('');
      expect(runPlainGit(dir, 'describe')).toBe(`v1.0.0-1-g${next.slice(0, 7)}`);
      expect(readFileSync(join(dir, 'src/a.txt'), 'utf8')).toBe('a\n');
      mkdirSync(join(dir, 'cache'));
      writeFileSync(join(dir, 'cache', 'x'), '');
      chmodSync(join(dir, 'cache'), 0o500);
      throw new Error('the gate failed');
    });
    await expect(failing).rejects.toThrow('the gate failed');
    expect(folder).not.toBe('');
    expect(existsSync(folder)).toBe(false);
  });

  it('does not exist for a commit that the mirror has not got', async () => {
    await expect(withCheckout(mirror, '0'.repeat(40), async () => 1)).rejects.toMatchObject({
      name: 'GitRefMissing',
    });
  });

  it('is swept away when its process is dead, and only then', async () => {
    const [host, , start] = nameOwner().split('-');
    const dead = join(world.mirrors, 'checkouts', `${host}-${process.pid}-${Number(start) + 1}-abc`);
    await withCheckout(mirror, tip, async (dir) => {
      mkdirSync(join(dead, 'x'), { recursive: true });
      expect(await sweepCheckouts(world.mirrors)).toBe(1);
      expect(existsSync(dead)).toBe(false);
      expect(existsSync(join(dir, 'README.md'))).toBe(true);
    });
  });
});

describe('a work folder’s mirrors', () => {
  const countPacks = () =>
    readdirSync(join(mirror.gitDir, 'objects', 'pack')).filter((name) => name.endsWith('.pack')).length;

  it('are packed when there are too many packs, and lose nothing that is borrowed or not pushed yet', async () => {
    const unpushed = await createCommit(mirror, {
      parents: [tip],
      changes: [{ path: 'a', contents: 'a' }],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    for (const at of ['1', '2', '3']) {
      world.commit(`feat: ${at}`, { at });
      await fetchMirror(mirror);
      runPlainGit(mirror.gitDir, 'repack', '-q');
    }
    const newest = await resolveCommit(mirror, 'main');
    expect(countPacks()).toBe(3);
    await withCheckout(mirror, newest, async (folder) => {
      await tidyMirrors(world.mirrors, 3);
      expect(countPacks()).toBe(3);
      await tidyMirrors(world.mirrors, 2);
      expect(countPacks()).toBeLessThan(3);
      expect(runPlainGit(folder, 'show', '--format=%s', '-s', 'HEAD')).toBe('feat: 3');
      runPlainGit(folder, 'fsck', '--connectivity-only');
    });
    expect((await readFileAt(mirror, unpushed, 'a'))?.toString()).toBe('a');
  });

  it('are removed when nobody opened them for 90 days, and come back when somebody does', async () => {
    const days = (number: number) => new Date(Date.now() - number * 24 * 3_600_000);
    utimesSync(mirror.gitDir, days(89), days(89));
    await tidyMirrors(world.mirrors);
    expect(existsSync(mirror.gitDir)).toBe(true);
    utimesSync(mirror.gitDir, days(91), days(91));
    await tidyMirrors(world.mirrors);
    expect(existsSync(mirror.gitDir)).toBe(false);
    await fetchMirror(await world.mirror());
    expect(await resolveCommit(mirror, 'main')).toBe(tip);
    utimesSync(mirror.gitDir, days(91), days(91));
    await world.mirror();
    await tidyMirrors(world.mirrors);
    expect(existsSync(mirror.gitDir)).toBe(true);
  });
});

describe('a packed commit', () => {
  it('travels to a mirror that has never fetched, with all that it needs', async () => {
    const first = await createCommit(mirror, {
      parents: [tip],
      changes: [{ path: 'a', contents: 'a' }],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    const sha = await createCommit(mirror, {
      parents: [first],
      changes: [{ path: 'b', contents: 'b' }],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    const bytes = await packCommit(mirror, sha, tip);
    const other = await openMirror({ url: world.remote, folder: join(world.root, 'other') });
    await unpackCommit(other, bytes, sha);
    await unpackCommit(other, bytes, sha);
    expect(runPlainGit(other.gitDir, 'log', '--format=%H', sha).split('\n')).toEqual([sha, first, tip]);
    await withCheckout(other, sha, async (dir) =>
      expect(readdirSync(dir).sort()).toEqual(['.git', 'README.md', 'a', 'b', 'package.json']),
    );
  });

  it('is refused when it is damaged or leads to another commit', async () => {
    const sha = await createCommit(mirror, {
      parents: [tip],
      changes: [{ path: 'a', contents: 'a' }],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    const bytes = await packCommit(mirror, sha, tip);
    const other = await openMirror({ url: world.remote, folder: join(world.root, 'other') });
    await expect(unpackCommit(other, bytes.slice(0, -5), sha)).rejects.toMatchObject({ name: 'GitFailed' });
    await expect(unpackCommit(other, bytes, '1'.repeat(40))).rejects.toMatchObject({ name: 'GitRefMissing' });
  });
});

describe('merging', () => {
  it('makes the same merge commit of both parents each time, where a fast-forward would do as well', async () => {
    const release = await createCommit(mirror, {
      parents: [tip],
      changes: [{ path: 'a', contents: 'a' }],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    const merge = { ours: tip, theirs: release, message: 'Merge v1.1.0', author: BOT, date: DATE };
    const first = await mergeCommits(mirror, merge);
    expect(await mergeCommits(mirror, merge)).toEqual(first);
    const { sha } = first as { sha: string };
    expect(runPlainGit(mirror.gitDir, 'rev-list', '--parents', '-1', sha)).toBe(`${sha} ${tip} ${release}`);
    expect(await isAncestor(mirror, release, sha)).toBe(true);
    expect(await isAncestor(mirror, sha, release)).toBe(false);
    expect(await mergeCommits(mirror, { ...merge, ours: sha })).toEqual({ sha });
  });

  it('joins what both sides changed, or names all files in conflict', async () => {
    const change = (files: Record<string, string>): Promise<string> =>
      createCommit(mirror, {
        parents: [tip],
        changes: Object.entries(files).map(([path, contents]) => ({ path, contents })),
        message: 'm',
        author: BOT,
        date: DATE,
      });
    const ours = await change({ 'README.md': 'ours\n', 'package.json': 'ours\n', a: 'a' });
    const fine = await mergeCommits(mirror, {
      ours,
      theirs: await change({ b: 'b' }),
      message: 'm',
      author: BOT,
      date: DATE,
    });
    expect(
      runPlainGit(mirror.gitDir, 'ls-tree', '--name-only', (fine as { sha: string }).sha).split('\n'),
    ).toEqual(['README.md', 'a', 'b', 'package.json']);
    const theirs = await change({ 'README.md': 'theirs\n', 'package.json': 'theirs\n', b: 'b' });
    expect(await mergeCommits(mirror, { ours, theirs, message: 'm', author: BOT, date: DATE })).toEqual({
      conflicts: ['README.md', 'package.json'],
    });
  });
});

describe('cherry-picking', () => {
  it('applies fixes onto an older commit, as `git cherry-pick -x` would, keeping author, date and message', async () => {
    world.commit('feat: not wanted', { other: '1\n' });
    const fix = world.commit('fix: leak (#12)\n\nDetails.', { 'README.md': 'shop, fixed\n' });
    const again = world.commit('fix: typo', { 'README.md': 'shop, fixed!\n' });
    await fetchMirror(mirror);
    const picked = await cherryPick(mirror, { onto: tip, commits: [fix, again], date: DATE, committer: BOT });
    expect(
      await cherryPick(mirror, { onto: tip, commits: [fix, again], date: DATE, committer: BOT }),
    ).toEqual(picked);
    const { sha } = picked as { sha: string };
    expect(runPlainGit(mirror.gitDir, 'show', '-s', '--format=%an|%cn|%ct|%s|%b', `${sha}^`)).toBe(
      `Ada|Windlass|1772366400|fix: leak (#12)|Details.\n\n(cherry picked from commit ${fix})`,
    );
    world.git('checkout', '-q', '--detach', tip);
    world.git('cherry-pick', fix, again);
    expect(runPlainGit(mirror.gitDir, 'rev-parse', `${sha}^{tree}`)).toBe(
      world.git('rev-parse', 'HEAD^{tree}'),
    );
  });

  it('leaves out what is there already, and takes a merge commit for what it brought', async () => {
    world.git('checkout', '-q', '-b', 'topic');
    world.commit('fix: on a branch', { topic: '1\n' }, 'topic');
    world.git('checkout', '-q', 'main');
    world.git('merge', '-q', '--no-ff', '-m', 'Merge pull request #3 from ada/topic', 'topic');
    const merge = world.commit('unused', { later: '1\n' }) && world.git('rev-parse', 'HEAD^');
    await fetchMirror(mirror);
    const picked = (await cherryPick(mirror, { onto: tip, commits: [merge], date: DATE })) as { sha: string };
    expect(runPlainGit(mirror.gitDir, 'diff', '--name-only', tip, picked.sha)).toBe('topic');
    expect(await cherryPick(mirror, { onto: picked.sha, commits: [merge], date: DATE })).toEqual(picked);
  });

  it('names every commit that does not apply, with its files', async () => {
    const one = world.commit('feat: one', { 'README.md': 'one\n' });
    const two = world.commit('feat: two', { 'README.md': 'two\n', fine: '1\n' });
    const three = world.commit('feat: three', { 'package.json': '{}\n' });
    await fetchMirror(mirror);
    const old = await createCommit(mirror, {
      parents: [tip],
      changes: [{ path: 'README.md', contents: 'old\n' }],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    expect(await cherryPick(mirror, { onto: old, commits: [one, two, three], date: DATE })).toEqual({
      conflicts: [
        { commit: one, files: ['README.md'] },
        { commit: two, files: ['README.md'] },
      ],
    });
  });
});
