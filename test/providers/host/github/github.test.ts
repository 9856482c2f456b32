import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readChecks } from '../../../../src/providers/host/github/checks.ts';
import { type GitHubConnection, openGitHub } from '../../../../src/providers/host/github/connection.ts';
import { GitHubFailure } from '../../../../src/providers/host/github/failure.ts';
import {
  countNewIssues,
  createMarkedComment,
  createMarkedIssue,
  findMarkedComment,
  findMarkedIssue,
  listMilestones,
  listOpen,
} from '../../../../src/providers/host/github/issues.ts';
import { listPullRequests, readSubjectNumber } from '../../../../src/providers/host/github/pull-requests.ts';
import { readLogin } from '../../../../src/providers/host/github/read-login.ts';
import {
  createDraftRelease,
  deleteDraftRelease,
  findReleases,
  publishRelease,
  uploadAsset,
} from '../../../../src/providers/host/github/releases.ts';
import type { PullRequestFacts } from '../../../../src/providers/host/host.ts';
import { type GitHubFake, startGitHub } from '../../../support/host/github-fake.ts';
import { type GitHubDescription, loadGitHubDescription } from '../../../support/host/github-openapi.ts';
import { findFreePort } from '../../../support/network/free-port.ts';
import { failuresOf, sha } from '../host-test.ts';

const run = promisify(execFile);
const failureOf = failuresOf(GitHubFailure);
let github: GitHubFake;
let description: GitHubDescription;

beforeAll(() => {
  description = loadGitHubDescription();
});
beforeEach(async () => {
  github = await startGitHub({ description });
});
afterEach(async () => {
  const { violations } = github;
  await github.stop();
  // Every request and every answer of a route that we filled in is as GitHub describes itself.
  expect(violations).toEqual([]);
});

function open(over: Partial<Parameters<typeof openGitHub>[0]> = {}): GitHubConnection {
  const { apiUrl, token, owner, repo } = github;
  return openGitHub({ apiUrl, token, owner, repo, secondMs: 5, timeoutMs: 2000, ...over });
}

describe('checks of a commit', () => {
  test('nothing reported is none; one that runs is pending; all good is success', async () => {
    const commit = sha('c');
    expect(await readChecks(open(), commit)).toEqual({ state: 'none', failing: [], pending: [], total: 0 });
    github.setCheckRun(commit, 'unit', null);
    github.setStatus(commit, 'ci/legacy', 'success');
    expect(await readChecks(open(), commit)).toMatchObject({ state: 'pending', pending: ['unit'], total: 2 });
    github.setCheckRun(commit, 'unit', 'success');
    github.setCheckRun(commit, 'optional', 'skipped');
    expect(await readChecks(open(), commit)).toMatchObject({ state: 'success', pending: [], total: 3 });
  });

  test('a failing status counts as much as a failing run, and only the latest word of each counts', async () => {
    const commit = sha('d');
    github.setStatus(commit, 'ci/a', 'failure');
    github.setStatus(commit, 'ci/a', 'success');
    github.setStatus(commit, 'ci/b', 'error');
    github.setCheckRun(commit, 'e2e', 'timed_out');
    github.setCheckRun(sha('other'), 'unrelated', 'failure');
    const { state, failing } = await readChecks(open(), commit);
    expect(state).toBe('failure');
    expect(failing.map(({ name, conclusion }) => `${name} ${conclusion}`)).toEqual([
      'e2e timed_out',
      'ci/b error',
    ]);
  });

  test('finds the one failure on the third page', async () => {
    const commit = sha('e');
    github.setCheckRun(commit, 'the bad one', 'failure');
    for (let n = 0; n < 230; n += 1) github.setCheckRun(commit, `check ${n}`, 'success');
    const checks = await readChecks(open(), commit);
    expect(checks).toMatchObject({ state: 'failure', total: 231 });
    expect(checks.failing.map(({ name }) => name)).toEqual(['the bad one']);
  });
});

describe('pull requests of a range', () => {
  test('come from the links of its commits, else from the number in the subject, only merged ones, each once', async () => {
    const commits = ['one', 'two', 'three', 'four', 'five'].map((name) => ({
      sha: sha(name),
      subject: name,
    }));
    const [one, two, three, four, five] = commits as [
      (typeof commits)[0],
      ...typeof commits,
    ] as typeof commits;
    const first = await github.addPull({
      title: 'feat: carts',
      author: 'alice',
      commits: [one!.sha, two!.sha],
      labels: ['feature'],
    });
    const squashed = await github.addPull({ title: 'fix: totals', author: 'bob' });
    three!.subject = `fix: totals (#${squashed})`;
    await github.addPull({ title: 'still open', author: 'bob', commits: [four!.sha], merged: false });
    five!.subject = 'fix: mentions a number that is none (#9999)';
    const bot = await github.addPull({
      title: 'chore: bump',
      author: 'renovate[bot]',
      commits: [sha('outside')],
    });

    const range = await listPullRequests(open(), { commits });
    expect(range.incomplete).toBeUndefined();
    expect(
      range.pullRequests.map(({ number, title, author, commits: of }) => ({ number, title, author, of })),
    ).toEqual([
      { number: first, title: 'feat: carts', author: 'alice', of: [one!.sha, two!.sha] },
      { number: squashed, title: 'fix: totals', author: 'bob', of: [three!.sha] },
    ]);
    expect(range.pullRequests[0]?.labels).toEqual(['feature']);
    expect(range.direct).toEqual([four!.sha, five!.sha]);
    expect(range.pullRequests.some(({ number }) => number === bot)).toBe(false);
  });

  test('a cache spares the requests of the second time', async () => {
    const commit = { sha: sha('x'), subject: 'x' };
    await github.addPull({ title: 'x', author: 'alice', commits: [commit.sha] });
    const kept = new Map<string, PullRequestFacts>();
    const cache = {
      get: async (key: string) => kept.get(key),
      set: async (key: string, facts: PullRequestFacts) => void kept.set(key, facts),
    };
    const first = await listPullRequests(open(), { commits: [commit], cache });
    const asked = github.requests.length;
    expect(await listPullRequests(open(), { commits: [commit], cache })).toEqual(first);
    expect(github.requests.length).toBe(asked);
  });

  test('a rate limit ends the look-ups and says so, a missing right is for a person', async () => {
    const commits = [{ sha: sha('y'), subject: 'y' }];
    const hour = {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
    };
    github.fail({
      on: /\/pulls/,
      answer: { status: 403, headers: hour, message: 'API rate limit exceeded' },
    });
    const range = await listPullRequests(open(), { commits });
    expect(range).toMatchObject({ pullRequests: [], incomplete: expect.stringContaining('rate limit') });
    const failure = await failureOf(listPullRequests(open({ token: 'nonsense' }), { commits }));
    expect(failure).toMatchObject({ status: 401, retryable: false });
  });

  test.each([
    ['Merge pull request #12 from team/branch', 12],
    ['feat: carts (#345)', 345],
    ['fix: see #7 for why', undefined],
    ['revert (#1) of it', undefined],
  ])('the subject %j names %s', (subject, number) => {
    expect(readSubjectNumber(subject)).toBe(number);
  });
});

describe('issues, milestones, comments', () => {
  test('issues that carry any of the labels, without the pull requests that GitHub lists among them', async () => {
    const path = `/repos/${github.owner}/${github.repo}`;
    for (const name of ['critical', 'high'])
      await github.call('releaser', 'POST', `${path}/labels`, { name, color: 'ff0000' });
    const add = async (title: string, labels: string[]) =>
      (await github.call('alice', 'POST', `${path}/issues`, { title, labels })) as { number: number };
    const crash = await add('crash', ['critical']);
    await add('typo', []);
    const slow = await add('slow', ['critical', 'high']);
    const closed = await add('old', ['high']);
    await github.call('releaser', 'PATCH', `${path}/issues/${closed.number}`, { state: 'closed' });
    const pull = await github.addPull({ title: 'wip', author: 'bob', merged: false, labels: ['high'] });
    const open_ = await listOpen(open(), { labels: ['critical', 'high'] });
    expect(open_.issues.map(({ number, author }) => [number, author])).toEqual([
      [crash.number, 'alice'],
      [slow.number, 'alice'],
    ]);
    expect(open_.pullRequests.map(({ number }) => number)).toEqual([pull]);
  });

  test('lists more issues than a page holds', async () => {
    const path = `/repos/${github.owner}/${github.repo}/issues`;
    for (let n = 0; n < 101; n += 1) await github.call('alice', 'POST', path, { title: `bug ${n}` });
    expect((await listOpen(open())).issues).toHaveLength(101);
  });

  test('counts what customers reported since a time, closed or not, and no pull requests', async () => {
    const path = `/repos/${github.owner}/${github.repo}`;
    await github.call('releaser', 'POST', `${path}/labels`, { name: 'customer', color: '00ff00' });
    const since = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    const report = async (title: string, labels: string[]) =>
      (await github.call('bob', 'POST', `${path}/issues`, { title, labels })) as { number: number };
    await report('cannot pay', ['customer']);
    const closed = await report('cannot log in', ['customer']);
    await github.call('releaser', 'PATCH', `${path}/issues/${closed.number}`, { state: 'closed' });
    await report('internal', []);
    await github.addPull({ title: 'fix', author: 'bob', merged: false, labels: ['customer'] });
    expect(await countNewIssues(open(), { label: 'customer', since })).toBe(2);
    const tomorrow = new Date(Date.parse(since) + 86_400_000).toISOString();
    expect(await countNewIssues(open(), { label: 'customer', since: tomorrow })).toBe(0);
  });

  test('milestones say what is open in them', async () => {
    const path = `/repos/${github.owner}/${github.repo}`;
    const made = (await github.call('releaser', 'POST', `${path}/milestones`, { title: '1.3' })) as {
      number: number;
    };
    await github.call('alice', 'POST', `${path}/issues`, { title: 'left over', milestone: made.number });
    expect(await listMilestones(open())).toMatchObject([
      { number: made.number, title: '1.3', openIssues: 1 },
    ]);
    expect((await listOpen(open(), { milestone: made.number })).issues.map(({ title }) => title)).toEqual([
      'left over',
    ]);
  });

  test('an issue whose answer got lost is opened once, and found again by its marker alone', async () => {
    const key = 'release/shop@1.2.0/issue/rollback';
    github.fail({ on: /^POST .*\/issues$/, answer: 'cut', afterDoing: true });
    const wanted = { key, title: 'Rolled back 1.2.0', body: 'Checkout fails.', labels: [] };
    const failure = await failureOf(createMarkedIssue(open(), wanted));
    expect(failure).toMatchObject({ outcome: 'unknown', retryable: true });
    expect(github.requests.filter((line) => line.startsWith('POST'))).toHaveLength(1);
    const found = await findMarkedIssue(open(), { key, author: 'releaser' });
    expect(found).toMatchObject({ title: 'Rolled back 1.2.0', author: 'releaser' });
    expect(await findMarkedIssue(open(), { key: 'release/shop@1.2.1/issue/rollback' })).toBeUndefined();
  });

  test('a marker that a stranger planted does not count', async () => {
    const key = 'r1/issue/x';
    const body = `nothing to see <!-- windlass:${key} -->`;
    await github.call('bob', 'POST', `/repos/${github.owner}/${github.repo}/issues`, {
      title: 'planted',
      body,
    });
    expect(await findMarkedIssue(open(), { key, author: 'releaser' })).toBeUndefined();
    expect(await findMarkedIssue(open(), { key })).toMatchObject({ title: 'planted' });
    await expect(findMarkedIssue(open(), { key: 'x --> <script>' })).rejects.toThrow('hidden marker');
  });

  test('a comment is found by its marker, under its issue only', async () => {
    const issue = await createMarkedIssue(open(), { key: 'k/1', title: 'a', body: 'b' });
    const other = await createMarkedIssue(open(), { key: 'k/2', title: 'c', body: 'd' });
    const url = await createMarkedComment(open(), {
      number: issue.number,
      key: 'k/comment',
      body: 'Shipped.',
    });
    expect(await findMarkedComment(open(), { number: issue.number, key: 'k/comment' })).toBe(url);
    expect(await findMarkedComment(open(), { number: other.number, key: 'k/comment' })).toBeUndefined();
  });
});

describe('releases', () => {
  const draft = {
    key: 'r1/github-release',
    tag: 'v1.2.0',
    name: 'Shop v1.2.0',
    notes: '# Notes',
    prerelease: false,
  };

  test('a draft with its files becomes one public release, whose digests are those of the files', async () => {
    const commit = sha('commit');
    const created = await createDraftRelease(open(), { ...draft, commit });
    const bytes = Buffer.from('the tarball');
    expect(await uploadAsset(open(), { release: created, name: 'shop-1.2.0.tgz', bytes })).toBe('uploaded');
    const [before] = await findReleases(open(), 'v1.2.0');
    expect(before).toMatchObject({ draft: true, key: 'r1/github-release', notes: '# Notes' });
    await publishRelease(open(), { id: created.id, tag: 'v1.2.0', makeLatest: true });
    const after = await findReleases(open(), 'v1.2.0');
    expect(after).toHaveLength(1);
    expect(after[0]).toMatchObject({ id: created.id, draft: false });
    expect(after[0]?.assets).toMatchObject([
      {
        name: 'shop-1.2.0.tgz',
        size: bytes.length,
        digest: `sha256:${createHash('sha256').update('the tarball').digest('hex')}`,
        complete: true,
      },
    ]);
    expect(github.releases[0]?.assets[0]?.content.equals(bytes)).toBe(true);
  });

  test('a lost answer to the draft, to a file and to publishing: read, go on, still one of each', async () => {
    const connection = open();
    const bytes = Buffer.from('bytes');
    github.fail({ on: /^POST .*\/releases$/, answer: { status: 502 }, afterDoing: true });
    expect(await failureOf(createDraftRelease(connection, { ...draft, commit: sha('c') }))).toMatchObject({
      outcome: 'unknown',
    });
    const [release] = await findReleases(connection, 'v1.2.0');
    if (!release) throw new Error('the draft is not there');
    github.fail({ on: /^POST .*\/assets\?/, answer: 'cut', afterDoing: true });
    expect(await failureOf(uploadAsset(connection, { release, name: 'a.tgz', bytes }))).toMatchObject({
      outcome: 'unknown',
    });
    expect(await uploadAsset(connection, { release, name: 'a.tgz', bytes })).toBe('already_there');
    github.fail({ on: /^PATCH /, answer: 'cut', afterDoing: true });
    const publish = { id: release.id, tag: 'v1.2.0', makeLatest: true };
    expect(await failureOf(publishRelease(connection, publish))).toMatchObject({ outcome: 'unknown' });
    expect(await findReleases(connection, 'v1.2.0')).toMatchObject([
      { draft: false, assets: [{ name: 'a.tgz' }] },
    ]);
    expect(github.releases).toHaveLength(1);
  });

  test('a file of the same name with other bytes is a conflict that names both digests', async () => {
    const release = await createDraftRelease(open(), { ...draft, commit: sha('c') });
    await uploadAsset(open(), { release, name: 'a.tgz', bytes: Buffer.from('theirs') });
    const failure = await failureOf(
      uploadAsset(open(), { release, name: 'a.tgz', bytes: Buffer.from('ours') }),
    );
    expect(failure).toMatchObject({ outcome: 'unchanged', retryable: false });
    for (const content of ['theirs', 'ours']) {
      expect(failure.message).toContain(createHash('sha256').update(content).digest('hex'));
    }
  });

  test('a release made by hand has no key; a published one is never deleted, a draft may be, twice', async () => {
    const path = `/repos/${github.owner}/${github.repo}/releases`;
    const send = (body: object) =>
      fetch(`${github.apiUrl}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${github.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await send({ tag_name: 'v1.0.0', body: 'by hand' });
    const [byHand] = await findReleases(open(), 'v1.0.0');
    expect(byHand).toMatchObject({ key: undefined, notes: 'by hand', draft: false });
    expect((await failureOf(deleteDraftRelease(open(), byHand!.id))).message).toContain('is published');
    const ours = await createDraftRelease(open(), { ...draft, commit: sha('c') });
    await deleteDraftRelease(open(), ours.id);
    await deleteDraftRelease(open(), ours.id);
    expect(github.releases.map(({ tag_name }) => tag_name)).toEqual(['v1.0.0']);
  });

  test('an upload address elsewhere never gets the token', async () => {
    const release = await createDraftRelease(open(), { ...draft, commit: sha('c') });
    const evil = { ...release, uploadUrl: 'http://127.0.0.1:9/steal{?name,label}' };
    const failure = await failureOf(
      uploadAsset(open(), { release: evil, name: 'a', bytes: Buffer.from('x') }),
    );
    expect(failure.message).toContain('not at GitHub’s own host');
  });
});

describe('a GitHub that is away, busy or strict', () => {
  test('reads are repeated after 5xx and a secondary limit, a bounded number of times', async () => {
    github.fail({ on: /\/milestones/, answer: { status: 503 } });
    const slowDown = {
      status: 403,
      headers: { 'retry-after': '1' },
      message: 'You have exceeded a secondary rate limit',
    };
    github.fail({ on: /\/milestones/, answer: slowDown });
    expect(await listMilestones(open())).toEqual([]);
    const asked = github.requests.length;
    github.fail({ on: /\/milestones/, answer: { status: 500 }, times: 100 });
    expect(await failureOf(listMilestones(open()))).toMatchObject({
      status: 500,
      retryable: true,
      outcome: 'unchanged',
    });
    expect(github.requests.length - asked).toBe(3);
  });

  test('429 with Retry-After says how long, without sitting it out', async () => {
    github.fail({ on: /\/issues/, answer: { status: 429, headers: { 'retry-after': '1800' } }, times: 10 });
    const failure = await failureOf(createMarkedIssue(open(), { key: 'k', title: 't', body: 'b' }));
    expect(failure).toMatchObject({ outcome: 'unchanged', retryable: true, retryAfterMs: 1_800_000 });
  });

  test('a write is never repeated on its own, since its first attempt may have worked', async () => {
    github.fail({ on: /^POST/, answer: { status: 502 }, times: 10 });
    await failureOf(createMarkedIssue(open(), { key: 'k', title: 't', body: 'b' }));
    expect(github.requests.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  test('a token without the right is told so', async () => {
    const reader = await failureOf(
      createMarkedIssue(open({ token: github.readOnlyToken }), { key: 'k', title: 't', body: 'b' }),
    );
    expect(reader).toMatchObject({ status: 403, outcome: 'unchanged', retryable: false });
    expect(reader.message).toContain('no right');
  });

  test('a token says whose it is', async () => {
    expect(await readLogin(open())).toBe('releaser');
  });

  test('silence ends at the time limit, a signal ends even the wait between attempts', async () => {
    github.fail({ on: /\/milestones/, answer: 'hang', times: 10 });
    expect(await failureOf(listMilestones(open({ timeoutMs: 50 })))).toMatchObject({ retryable: true });
    const stop = new AbortController();
    github.fail({ on: /\/milestones/, answer: { status: 503 }, times: 100 });
    const waiting = failureOf(listMilestones(open({ signal: stop.signal, secondMs: 600_000 })));
    stop.abort();
    expect(await waiting).toMatchObject({ retryable: true });
    const nobody = `http://127.0.0.1:${await findFreePort()}`;
    expect(
      await failureOf(createMarkedIssue(open({ apiUrl: nobody }), { key: 'k', title: 't', body: 'b' })),
    ).toMatchObject({
      outcome: 'unchanged',
      retryable: true,
    });
  });
});

describe('the fake’s git', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'windlass-fake-git-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('takes real pushes of who may write, refuses others and protected branches, and tags what is published', async () => {
    const work = join(folder, 'work');
    const git = (...args: string[]) =>
      run('git', ['-C', work, '-c', 'user.name=t', '-c', 'user.email=t@example.test', ...args], {
        env: { PATH: process.env['PATH'], HOME: folder, GIT_TERMINAL_PROMPT: '0' },
      });
    await run('git', ['init', '-q', '-b', 'main', work]);
    await writeFile(join(work, 'a.txt'), 'a');
    await git('add', '.');
    await git('commit', '-qm', 'feat: first');
    const head = (await git('rev-parse', 'HEAD')).stdout.trim();
    const as = (token: string) => github.gitUrl.replace('://', `://x-access-token:${token}@`);
    await git('push', '-q', as(github.token), 'main');
    await github.protectBranch('main');
    await expect(git('push', '-q', as(github.readOnlyToken), 'main:refs/heads/other')).rejects.toThrow('403');
    await expect(git('push', '-q', as(github.token), ':refs/heads/main')).rejects.toThrow('GH006');
    const release = await createDraftRelease(open(), {
      key: 'k',
      tag: 'v1.0.0',
      commit: head,
      name: 'v1.0.0',
      notes: '',
      prerelease: false,
    });
    await publishRelease(open(), { id: release.id, tag: 'v1.0.0', makeLatest: true });
    const { stdout } = await git('ls-remote', as(github.token));
    expect(stdout.trim().split('\n').sort()).toEqual(
      [`${head}\tHEAD`, `${head}\trefs/heads/main`, `${head}\trefs/tags/v1.0.0`].sort(),
    );
  });
});
