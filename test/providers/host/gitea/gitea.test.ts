import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listGitea, openGitea, writeGitea } from '../../../../src/providers/host/gitea/connection.ts';
import { GiteaFailure } from '../../../../src/providers/host/gitea/failure.ts';
import { gitea as kind } from '../../../../src/providers/host/gitea/gitea.ts';
import { issue as issueShape, list } from '../../../../src/providers/host/gitea/shapes.ts';
import type { Host, HostedRepository, NewPage } from '../../../../src/providers/host/host.ts';
import type { HostSettings } from '../../../../src/release/settings.ts';
import { type GiteaFake, startGitea } from '../../../support/host/gitea-fake.ts';
import type { FakeIssue } from '../../../support/host/gitea-state.ts';
import { failuresOf, perform, settingsOf, sha } from '../host-test.ts';

const failureOf = failuresOf(GiteaFailure);
let gitea: GiteaFake;

beforeEach(async () => {
  // As an administrator may have it: a page is smaller than what is asked for.
  gitea = await startGitea({ pageSize: 7 });
});
afterEach(async () => {
  const { violations } = gitea;
  await gitea.stop();
  expect(violations).toEqual([]);
});

const settings = (over: Partial<HostSettings> = {}): HostSettings =>
  settingsOf({ kind: 'gitea', apiUrl: gitea.apiUrl, project: 'team/shop', ...over });

async function openHost(over: { token?: string; project?: string } = {}): Promise<Host> {
  const { token = gitea.token, ...rest } = over;
  return await kind.open({ settings: settings(rest), token, signal: AbortSignal.timeout(30_000) });
}

async function open(over: { token?: string; project?: string } = {}): Promise<HostedRepository> {
  const { repository } = await openHost(over);
  if (!repository) throw new Error('no repository');
  return repository;
}

const quick = (over: Partial<Parameters<typeof openGitea>[0]> = {}) =>
  openGitea({
    ...{ apiUrl: gitea.apiUrl, token: gitea.token, project: 'team/shop', secondMs: 1, timeoutMs: 2000 },
    ...over,
  });

function addPull(
  pull: Partial<FakeIssue> & { title: string },
  mergeSha: string,
  commits: string[] = [],
): number {
  return gitea.addIssue({
    ...{ state: 'closed', author: 'ola' },
    pull: { merged_at: '2026-01-02T03:04:05Z', mergeSha, commits },
    ...pull,
  });
}

describe('statuses of a commit', () => {
  const commit = sha('commit');
  let id = 0;
  const report = (context: string, status: string) =>
    gitea.state.statuses.push({ id: ++id, sha: commit, context, status });

  test('nothing reported is none; one that runs is pending; the newest of each context counts', async () => {
    expect(await (await open()).readChecks(commit)).toEqual({
      ...{ state: 'none', failing: [], pending: [], total: 0 },
    });
    report('ci / test (push)', 'pending');
    report('lint', 'success');
    expect(await (await open()).readChecks(commit)).toMatchObject({
      ...{ state: 'pending', pending: ['ci / test (push)'], total: 2 },
    });
    report('ci / test (push)', 'success');
    report('optional', 'skipped');
    expect(await (await open()).readChecks(commit)).toMatchObject({ state: 'success', total: 3 });
  });

  test('a failure, an error and a warning fail, and the one on the third page is found', async () => {
    report('the bad one', 'warning');
    for (let n = 0; n < 15; n += 1) report(`check ${n}`, 'success');
    report('the worse one', 'error');
    const checks = await (await open()).readChecks(commit);
    expect(checks).toMatchObject({ state: 'failure', total: 17 });
    expect(checks.failing.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
      'the bad one: warning',
      'the worse one: error',
    ]);
    expect(checks.failing[0]?.url).toContain('/team/shop/actions/');
  });
});

describe('pull requests of a range', () => {
  test('by the commit that they were merged as, by what they contained, and by the number in a subject', async () => {
    const squash = addPull({ title: 'squashed', labels: ['feature'] }, sha('squash'));
    const merge = addPull({ title: 'merged' }, sha('merge'), [sha('inner'), sha('inner 2')]);
    const rebased = addPull({ title: 'rebased', author: 'renovate-bot' }, sha('elsewhere'));
    const open1 = gitea.addIssue({ title: 'open', pull: { merged_at: null, mergeSha: '', commits: [] } });
    const commits = [
      { sha: sha('squash'), subject: 'feat: pay' },
      { sha: sha('inner'), subject: 'feat: one' },
      { sha: sha('inner 2'), subject: 'feat: two' },
      { sha: sha('merge'), subject: `Merge pull request 'merged' (#${merge}) from topic into main` },
      { sha: sha('rebase'), subject: `fix: later (#${rebased})` },
      { sha: sha('direct'), subject: 'fix: by hand' },
      { sha: sha('not yet'), subject: `fix: not merged (#${open1})` },
    ];
    const range = await (await open()).listPullRequests({ commits });
    expect(range.pullRequests.map(({ number, commits: of }) => [number, of.length])).toEqual([
      [squash, 1],
      [merge, 3],
      [rebased, 1],
    ]);
    expect(range.direct).toEqual([sha('direct'), sha('not yet')]);
    expect(range.pullRequests[0]).toMatchObject({ author: 'ola', labels: ['feature'], authorIsBot: false });
    expect(range.pullRequests[2]).toMatchObject({ authorIsBot: true });
  });
});

describe('issues and milestones', () => {
  test('any of the labels blocks, pull requests apart, also where the repository itself has no such label', async () => {
    for (let n = 0; n < 10; n += 1) gitea.addIssue({ title: `plain ${n}` });
    gitea.addIssue({ title: 'bad', labels: ['critical'] });
    gitea.addIssue({ title: 'closed', labels: ['critical'], state: 'closed' });
    gitea.addIssue({ title: 'pull', labels: ['high'], pull: { merged_at: null, mergeSha: '', commits: [] } });
    const work = await (await open()).listOpen(['critical', 'high', 'unheard of']);
    expect(work.issues.map(({ title }) => title)).toEqual(['bad']);
    expect(work.pullRequests.map(({ title }) => title)).toEqual(['pull']);
    expect(work.pullRequests[0]?.url).toContain('/team/shop/pulls/');
  });

  test('new issues are counted from a time until another, closed ones too', async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
    for (const minute of [1, 2, 3, 4])
      gitea.addIssue({ title: 'x', labels: ['customer'], created_at: at(minute), state: 'closed' });
    gitea.addIssue({ title: 'other', created_at: at(3) });
    const wanted = { label: 'customer', since: at(2), until: at(4) };
    expect(await (await open()).countNewIssues(wanted)).toBe(2);
  });

  test('the open milestone with the title, with what is open in it', async () => {
    gitea.state.milestones.push({ id: 3, title: '1.2.0', state: 'open' });
    gitea.state.milestones.push({ id: 4, title: 'old', state: 'closed' });
    gitea.addIssue({ title: 'left', milestone: '1.2.0' });
    const repository = await open();
    expect(await repository.findMilestone(['v1.2.0', '1.2.0'])).toMatchObject({
      ...{ number: 3, openIssues: 1, url: expect.stringMatching(/\/team\/shop\/milestone\/3$/) },
    });
    expect(await repository.findMilestone(['old'])).toBeUndefined();
  });

  test('one issue for its key, with labels that are made where they are missing; a planted marker does not count', async () => {
    gitea.addIssue({ title: 'planted', author: 'mallory', body: '<!-- windlass:r1/issue -->' });
    gitea.addIssue({ title: 'older', labels: ['known'] });
    const host = await openHost();
    const issue = {
      key: 'r1/issue',
      product: 'shop',
      title: 'It broke',
      body: 'See.',
      labels: ['known', 'new'],
    };
    gitea.fail({ on: /^POST .*\/issues$/, answer: 'cut', afterDoing: true });
    const { url } = await perform(host.openIssue(issue));
    expect(url).toContain('/team/shop/issues/3');
    expect(await perform((await openHost()).openIssue(issue))).toEqual({ url });
    expect(gitea.state.issues.filter(({ title }) => title === 'It broke')).toEqual([
      expect.objectContaining({ author: 'releaser', labels: ['known', 'new'] }),
    ]);
    expect(gitea.state.labels.map(({ name }) => name)).toEqual(['known', 'new']);
  });

  test('one comment for its key; what is locked says so', async () => {
    const number = addPull({ title: 'x' }, sha('x'));
    const repository = await open();
    const comment = { key: 'r1/comment/1', number, body: 'This is out.' };
    const { url } = await perform(repository.comment(comment));
    expect(url).toMatch(/\/team\/shop\/pulls\/1#issuecomment-\d+$/);
    expect(await perform((await open()).comment(comment))).toEqual({ url });
    expect(gitea.state.comments).toHaveLength(1);
    const locked = addPull({ title: 'y', locked: true }, sha('y'));
    expect(await failureOf(repository.comment({ ...comment, number: locked }).write())).toMatchObject({
      status: 403,
    });
  });
});

describe('a release page', () => {
  const bytes = Buffer.from('the package');
  const pageOf = (over: Partial<NewPage> = {}): NewPage => ({
    ...{ key: 'r1/release-page/v1.2.0', releaseId: 'r1', tag: 'v1.2.0', title: 'Shop 1.2.0' },
    ...{ notes: '# 1.2.0\n', whole: 'All of them: `CHANGELOG.md`.', foot: 'Audit: `sha256:x`' },
    ...{ prerelease: false, isNewest: () => true },
    assets: [
      {
        name: 'shop-1.2.0.tgz',
        digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
        bytes: bytes.length,
        read: async () => bytes,
      },
    ],
    ...over,
  });
  const publish = async (page: NewPage) => {
    const effects = (await open()).describePage(page);
    for (const effect of effects.before) await perform(effect);
    return await perform(effects.publish);
  };
  /** A release without its tag is refused. */
  const tag = (name: string) => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', gitea.repositoryPath, ...args], { input: '', encoding: 'utf8' }).trim();
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.test'];
    const tree = git('hash-object', '-w', '-t', 'tree', '--stdin');
    git('update-ref', `refs/tags/${name}`, git(...identity, 'commit-tree', tree, '-m', 'x'));
  };

  test('is a draft until its files are there, and is made once however often it is tried', async () => {
    tag('v1.2.0');
    const effects = (await open()).describePage(pageOf());
    for (const effect of effects.before) await perform(effect);
    expect(gitea.state.releases).toMatchObject([{ draft: true, assets: [{ name: 'shop-1.2.0.tgz' }] }]);
    const read = { settings: settings(), tag: 'v1.2.0', signal: AbortSignal.timeout(5000) };
    expect(await kind.readPage({ ...read, token: gitea.readOnlyToken })).toHaveProperty('unread');
    const { url } = await perform(effects.publish);
    expect(url).toContain('/team/shop/releases/tag/v1.2.0');
    expect(await publish(pageOf())).toEqual({ url });
    expect(gitea.state.releases).toHaveLength(1);
    const [release] = gitea.state.releases;
    expect(release).toMatchObject({
      ...{ name: 'Shop 1.2.0', draft: false, author: 'releaser' },
      body: '# 1.2.0\n\nAudit: `sha256:x`\n\n<!-- windlass:r1/release-page/v1.2.0 -->\n',
    });
    expect(release?.assets.map(({ content }) => content.toString())).toEqual(['the package']);
    expect(await kind.readPage({ ...read, token: gitea.readOnlyToken })).toMatchObject({
      text: expect.stringContaining('Audit: `sha256:x`'),
    });
  });

  test('an upload whose answer was lost is found again by its digest', async () => {
    tag('v1.2.0');
    gitea.fail({ on: /\/assets\?/, answer: 'cut', afterDoing: true });
    await publish(pageOf());
    expect(gitea.state.releases[0]?.assets).toHaveLength(1);
  });

  test('of a product in a monorepo: a tag with an @ and a slash in it', async () => {
    tag('apps/shop@1.2.0');
    await publish(pageOf({ tag: 'apps/shop@1.2.0', key: 'r1/release-page/apps/shop@1.2.0' }));
    expect(gitea.state.releases[0]?.tag_name).toBe('apps/shop@1.2.0');
  });

  test('that somebody made by hand, or a file with other bytes, is a conflict that names both', async () => {
    tag('v1.2.0');
    await publish(pageOf());
    const [digest] = pageOf().assets.map((asset) => ({ ...asset, digest: 'sha256:other' }));
    const [, upload] = (await open()).describePage(pageOf({ assets: [digest!] })).before;
    expect(await upload?.read()).toMatchObject({ is: 'foreign', ours: 'sha256:other' });
    const [draft] = (await open()).describePage(pageOf({ key: 'r2/release-page/v1.2.0' })).before;
    expect(await draft?.read()).toMatchObject({
      is: 'foreign',
      theirs: expect.stringContaining('made by r1/'),
    });
  });

  test.each(['- a line of the notes of a long release\n', '- 発行の長い記録の一行です。読んでください\n'])(
    'takes notes of any length: %s',
    async (line) => {
      tag('v1.2.0');
      await publish(pageOf({ notes: line.repeat(5_000) }));
      const text = gitea.state.releases[0]?.body ?? '';
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_535);
      expect(Buffer.byteLength(text)).toBeGreaterThan(50_000);
      expect(text).toContain('All of them: `CHANGELOG.md`.\n\nAudit: `sha256:x`');
    },
  );

  test('is never made without its tag: Gitea would tag the default branch', async () => {
    const failure = await failureOf(publish(pageOf()).catch((error: Error) => Promise.reject(error.cause)));
    expect(failure).toMatchObject({ status: 404, outcome: 'unchanged' });
    expect(gitea.state.releases).toEqual([]);
  });
});

describe('a Gitea that is away, busy or strict', () => {
  const read = (connection = quick()) =>
    listGitea(connection, 'list', { path: '{repo}/issues' }, list(issueShape));

  test('reads are repeated after 5xx and a short limit, a bounded number of times', async () => {
    gitea.fail({ on: /issues/, answer: { status: 502 }, times: 2 });
    expect(await read()).toEqual([]);
    gitea.fail({ on: /issues/, answer: { status: 429, headers: { 'retry-after': '2' } } });
    expect(await read()).toEqual([]);
    gitea.fail({ on: /issues/, answer: { status: 503 }, times: 9 });
    expect(await failureOf(read())).toMatchObject({ status: 503, retryable: true, outcome: 'unchanged' });
    expect(gitea.requests).toHaveLength(3 + 2 + 3);
  });

  test('a write is never repeated on its own', async () => {
    gitea.fail({ on: /^POST/, answer: { status: 502 }, afterDoing: true });
    const request = { method: 'POST', path: '{repo}/issues', body: { title: 'x' } } as const;
    expect(await failureOf(writeGitea(quick(), 'open', request))).toMatchObject({
      ...{ outcome: 'unknown', retryable: true },
    });
    expect(gitea.state.issues).toHaveLength(1);
  });

  test('what answers but is no Gitea, or moved, is said so', async () => {
    gitea.fail({ on: /issues/, answer: { status: 200, message: 'a login page' } });
    expect((await failureOf(read())).message).toContain('the answer is not Gitea');
    const location = 'http://127.0.0.1:9/elsewhere';
    gitea.fail({ on: /issues/, answer: { status: 307, headers: { location } } });
    expect((await failureOf(read())).advice).toContain(location);
  });

  test('a wrong token, one that only reads, another project and an address that is none are told apart', async () => {
    const of = async (over: object) => await failureOf((await open(over)).readChecks(sha('x')));
    expect((await of({ token: 'wrong' })).advice).toContain('missing, wrong or expired');
    expect((await of({ project: 'team/other' })).advice).toContain('team/other moved');
    const comment = { key: 'k', number: addPull({ title: 'x' }, sha('x')), body: 'b' };
    const reader = await open({ token: gitea.readOnlyToken });
    expect((await failureOf(reader.comment(comment).write())).advice).toContain('`write:issue`');
    expect(() => quick({ apiUrl: 'https://codeberg.org' })).toThrow('/api/v1');
    expect(() => quick({ project: '../../x' })).toThrow('gitea.owner');
  });

  test('silence ends at the time limit', async () => {
    gitea.fail({ on: /issues/, answer: 'hang', times: 9 });
    expect(await failureOf(read(quick({ timeoutMs: 100 })))).toMatchObject({
      ...{ retryable: true, outcome: 'unchanged' },
    });
  });
});
