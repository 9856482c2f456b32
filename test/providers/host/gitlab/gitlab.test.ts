import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGitLab, readGitLab, writeGitLab } from '../../../../src/providers/host/gitlab/connection.ts';
import { GitLabFailure } from '../../../../src/providers/host/gitlab/failure.ts';
import { gitlab as kind } from '../../../../src/providers/host/gitlab/gitlab.ts';
import type { HostedRepository, NewPage } from '../../../../src/providers/host/host.ts';
import type { HostSettings } from '../../../../src/release/settings.ts';
import { type GitLabFake, startGitLab } from '../../../support/host/gitlab-fake.ts';
import { failuresOf, perform, settingsOf, sha } from '../host-test.ts';

const failureOf = failuresOf(GitLabFailure);
let gitlab: GitLabFake;

beforeEach(async () => {
  gitlab = await startGitLab();
});
afterEach(async () => {
  const { violations } = gitlab;
  await gitlab.stop();
  expect(violations).toEqual([]);
});

const settings = (over: Partial<HostSettings> = {}): HostSettings =>
  settingsOf({ kind: 'gitlab', apiUrl: gitlab.apiUrl, project: gitlab.project, ...over });

async function open(over: { token?: string; project?: string } = {}): Promise<HostedRepository> {
  const { token = gitlab.token, ...rest } = over;
  const signal = new AbortController().signal;
  const { repository } = await kind.open({ settings: settings(rest), token, signal });
  if (!repository) throw new Error('no repository');
  return repository;
}

const quick = () =>
  openGitLab({
    apiUrl: gitlab.apiUrl,
    token: gitlab.token,
    project: gitlab.project,
    secondMs: 1,
    timeoutMs: 2000,
  });

describe('pipelines of a commit', () => {
  const commit = sha('commit');
  let id = 0;
  const job = (name: string, status: string, over: object = {}) =>
    gitlab.state.statuses.push({
      id: ++id,
      sha: commit,
      name,
      ref: 'main',
      allow_failure: false,
      status,
      ...over,
    });
  const pipeline = (status: string) =>
    gitlab.state.pipelines.push({ id: ++id, sha: commit, ref: 'main', status });

  test('nothing reported is none; one that runs is pending; all good is success', async () => {
    expect(await (await open()).readChecks(commit)).toMatchObject({ state: 'none', total: 0 });
    job('test', 'running');
    pipeline('running');
    expect(await (await open()).readChecks(commit)).toMatchObject({ state: 'pending', pending: ['test'] });
    job('test', 'success');
    pipeline('success');
    expect(await (await open()).readChecks(commit)).toMatchObject({ state: 'success', failing: [] });
  });

  test('a job that failed counts, one that may fail does not, one that waits for a hand holds up', async () => {
    job('lint', 'failed', { allow_failure: true });
    job('deploy', 'manual', { allow_failure: true });
    expect(await (await open()).readChecks(commit)).toMatchObject({ state: 'success' });
    job('approve', 'manual');
    expect(await (await open()).readChecks(commit)).toMatchObject({ state: 'pending', pending: ['approve'] });
    job('test', 'failed');
    const checks = await (await open()).readChecks(commit);
    expect(checks).toMatchObject({ state: 'failure', failing: [{ name: 'test', conclusion: 'failed' }] });
    expect(checks.failing[0]?.url).toContain('/-/jobs/');
  });

  test('a pipeline that failed before it had a job counts too, until the next one of its branch', async () => {
    pipeline('failed');
    expect(await (await open()).readChecks(commit)).toMatchObject({
      state: 'failure',
      failing: [{ conclusion: 'failed' }],
    });
    pipeline('success');
    expect(await (await open()).readChecks(commit)).toMatchObject({ state: 'success' });
  });

  test('finds the one failure on the third page', async () => {
    for (let at = 0; at < 250; at += 1) job(`job ${at}`, at === 220 ? 'failed' : 'success');
    expect(await (await open()).readChecks(commit)).toMatchObject({
      failing: [{ name: 'job 220' }],
      total: 250,
    });
  });
});

describe('merge requests of a range', () => {
  test('come from the commits’ own links, else from the number in the subject, only merged ones, each once', async () => {
    const [one, two, three] = [sha('1'), sha('2'), sha('3')];
    const linked = gitlab.addMergeRequest({ title: 'pay', commits: [one, two], labels: ['big'] });
    gitlab.addMergeRequest({ title: 'later', commits: [one], merged_at: '2027-01-01T00:00:00Z' });
    gitlab.addMergeRequest({ title: 'open', commits: [three], state: 'opened', merged_at: null });
    const named = gitlab.addMergeRequest({ title: 'ship', author: 'project_7_bot_0a1b' });
    const range = await (await open()).listPullRequests({
      commits: [
        { sha: one, subject: 'feat: pay' },
        { sha: two, subject: 'fix: pay' },
        { sha: three, subject: 'wip' },
        { sha: sha('4'), subject: `feat: ship (!${named})` },
        { sha: sha('5'), subject: 'feat: what nobody asked for (!99)' },
      ],
    });
    expect(range.pullRequests).toMatchObject([
      {
        number: linked,
        title: 'pay',
        author: 'alice',
        authorIsBot: false,
        labels: ['big'],
        commits: [one, two],
      },
      { number: named, authorIsBot: true, commits: [sha('4')] },
    ]);
    expect(range.direct).toEqual([three, sha('5')]);
  });

  test('a rate limit ends the look-ups and says so, a wrong token is for a person', async () => {
    gitlab.fail({
      on: /merge_requests/,
      answer: { status: 429, headers: { 'retry-after': '240' } },
    });
    const range = { commits: [{ sha: sha('1'), subject: 'x' }] };
    expect((await (await open()).listPullRequests(range)).incomplete).toContain('rate limit');
    const failure = await failureOf((await open({ token: 'wrong' })).listPullRequests(range));
    expect(failure).toMatchObject({ retryable: false, status: 401 });
  });

  test('are told once that they are out; a stranger’s marker does not count, a locked one refuses', async () => {
    const number = gitlab.addMergeRequest({ title: 'pay' });
    const comment = { key: 'r1/comment/1', number, body: 'This is out in v1.' };
    const marked = 'x\n\n<!-- windlass:r1/comment/1 -->';
    gitlab.state.notes.push({ id: 1, request: number, author: 'mallory', body: marked, at: '2026-01-01' });
    const { url } = await perform((await open()).comment(comment));
    expect(url).toMatch(new RegExp(`/-/merge_requests/${number}#note_\\d+$`));
    expect(await perform((await open()).comment(comment))).toEqual({ url });
    expect(gitlab.state.notes.filter(({ author }) => author === 'releaser')).toHaveLength(1);
    const locked = gitlab.addMergeRequest({ title: 'old', locked: true });
    const refused = perform((await open()).comment({ ...comment, key: 'k', number: locked }));
    const failure = await failureOf(refused.catch((error: Error) => Promise.reject(error.cause)));
    expect(failure).toMatchObject({ status: 403, retryable: false });
  });
});

describe('issues and milestones', () => {
  test('what is open with any of the labels: issues and merge requests apart', async () => {
    const bug = gitlab.addIssue({ title: 'broken', labels: ['critical'] });
    gitlab.addIssue({ title: 'was broken', labels: ['critical'], state: 'closed' });
    gitlab.addIssue({ title: 'wish', labels: ['wish'] });
    const request = gitlab.addMergeRequest({
      title: 'fix',
      labels: ['high'],
      state: 'opened',
      merged_at: null,
    });
    const found = await (await open()).listOpen(['critical', 'high']);
    expect(found.issues.map(({ number }) => number)).toEqual([bug]);
    expect(found.pullRequests.map(({ number }) => number)).toEqual([request]);
    expect((await open()).nameRequest(request)).toBe(`merge request !${request}`);
  });

  test('a milestone says how many issues and merge requests are open in it, a closed one does not count', async () => {
    gitlab.state.milestones.push(
      { id: 1, title: 'v1.0.0', state: 'closed' },
      { id: 2, title: 'v1.2.0', state: 'active' },
    );
    gitlab.addIssue({ title: 'to do', milestone: 'v1.2.0' });
    gitlab.addIssue({ title: 'done', milestone: 'v1.2.0', state: 'closed' });
    gitlab.addMergeRequest({ title: 'doing', milestone: 'v1.2.0', state: 'opened', merged_at: null });
    expect(await (await open()).findMilestone(['1.2.0', 'v1.2.0'])).toMatchObject({ openIssues: 2 });
    expect(await (await open()).findMilestone(['v1.0.0'])).toBeUndefined();
  });

  test('counts what customers reported in a time, closed or not', async () => {
    const at = (time: string, over: object = {}) =>
      gitlab.addIssue({ title: time, labels: ['customer'], created_at: time, ...over });
    at('2026-03-01T11:59:59.000Z');
    at('2026-03-01T12:00:00.000Z', { state: 'closed' });
    at('2026-03-01T12:30:00.000Z');
    at('2026-03-01T13:00:00.000Z');
    at('2026-03-01T12:30:00.000Z', { labels: ['other'] });
    const wanted = { label: 'customer', since: '2026-03-01T12:00:00Z' };
    expect(await (await open()).countNewIssues(wanted)).toBe(3);
    expect(await (await open()).countNewIssues({ ...wanted, until: '2026-03-01T13:00:00Z' })).toBe(2);
  });

  test('an issue whose answer got lost is opened once, and found again by its marker and author', async () => {
    const signal = new AbortController().signal;
    const host = await kind.open({ settings: settings(), token: gitlab.token, signal });
    const issue = {
      key: 'r1/issue',
      product: 'shop',
      title: 'Rolled back',
      body: 'Why.',
      labels: ['incident'],
    };
    gitlab.addIssue({ title: 'planted', description: '<!-- windlass:r1/issue -->', author: 'mallory' });
    gitlab.fail({ on: /^POST .*\/issues$/, answer: 'cut', afterDoing: true });
    const effect = host.openIssue(issue);
    expect(await effect.read()).toEqual({ is: 'absent' });
    expect(await failureOf(effect.write())).toMatchObject({ outcome: 'unknown' });
    expect(await effect.read()).toMatchObject({ is: 'ours', proof: '#2' });
    expect(gitlab.state.issues).toHaveLength(2);
    expect(gitlab.state.issues[1]).toMatchObject({ labels: ['incident'], author: 'releaser' });
  });
});

describe('the release page', () => {
  const bytes = Buffer.from('the package');
  const pageOf = (over: Partial<NewPage> = {}): NewPage => ({
    key: 'r1/release-page/v1.2.0',
    releaseId: 'r1',
    tag: 'v1.2.0',
    title: 'Shop 1.2.0',
    notes: '# 1.2.0\n',
    whole: 'All of them: `CHANGELOG.md`.',
    foot: 'Audit: `sha256:x`',
    prerelease: false,
    isNewest: () => true,
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
    const made = await perform(effects.publish);
    for (const effect of effects.after) await perform(effect);
    return made;
  };

  /** A release without its tag is refused, as GitLab does. */
  const tag = (name: string) => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', gitlab.repositoryPath, ...args], { input: '', encoding: 'utf8' }).trim();
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.test'];
    const tree = git('hash-object', '-w', '-t', 'tree', '--stdin');
    git('update-ref', `refs/tags/${name}`, git(...identity, 'commit-tree', tree, '-m', 'x'));
  };

  test('has the notes, the anchor and the files themselves, and is made once however often it is tried', async () => {
    tag('v1.2.0');
    const { url } = await publish(pageOf());
    expect(url).toContain('/team/apps/shop/-/releases/v1.2.0');
    expect(await publish(pageOf())).toEqual({ url });
    expect(gitlab.state.releases).toHaveLength(1);
    expect(gitlab.state.releases[0]).toMatchObject({
      name: 'Shop 1.2.0',
      description: '# 1.2.0\n\nAudit: `sha256:x`\n\n<!-- windlass:r1/release-page/v1.2.0 -->\n',
      links: [{ name: 'shop-1.2.0.tgz', link_type: 'package' }],
    });
    const [kept] = gitlab.state.packages;
    expect(kept).toMatchObject({ name: 'shop', version: 'v1.2.0' });
    expect(kept?.files.map(({ content }) => content.toString())).toEqual(['the package']);
    expect(gitlab.state.releases[0]?.links[0]?.url).toContain('/packages/generic/shop/v1.2.0/shop-1.2.0.tgz');
    const read = {
      settings: settings(),
      tag: 'v1.2.0',
      token: gitlab.token,
      signal: AbortSignal.timeout(5000),
    };
    expect(await kind.readPage(read)).toMatchObject({ text: expect.stringContaining('Audit: `sha256:x`') });
    expect(await kind.readPage({ ...read, token: undefined })).toMatchObject({
      unread: expect.stringContaining('401'),
    });
  });

  test('of a product in a monorepo: a tag with an @ and a slash in it', async () => {
    tag('apps/shop@1.2.0');
    await publish(pageOf({ tag: 'apps/shop@1.2.0', key: 'r1/release-page/apps/shop@1.2.0' }));
    expect(gitlab.state.packages[0]?.version).toBe('apps-shop-1.2.0');
    expect(gitlab.state.releases[0]?.tag_name).toBe('apps/shop@1.2.0');
  });

  test('that somebody made by hand, or a file with other bytes, is a conflict that names both', async () => {
    tag('v1.2.0');
    await publish(pageOf({ key: 'r0/release-page/v1.2.0' }));
    const { before, publish: page } = (await open()).describePage(
      pageOf({ assets: pageOf().assets.map((asset) => ({ ...asset, digest: 'sha256:other' })) }),
    );
    expect(await page.read()).toMatchObject({
      is: 'foreign',
      theirs: expect.stringContaining('made by r0/'),
    });
    expect(await before[0]?.read()).toMatchObject({ is: 'foreign', ours: 'sha256:other' });
  });

  test('takes notes of any length', async () => {
    tag('v1.2.0');
    await publish(pageOf({ notes: '- a line of the notes of a long release\n'.repeat(30_000) }));
    const text = gitlab.state.releases[0]?.description ?? '';
    expect(text.length).toBeLessThanOrEqual(1_000_000);
    expect(text).toContain('All of them: `CHANGELOG.md`.\n\nAudit: `sha256:x`');
  });
});

describe('a GitLab that is away, busy or strict', () => {
  const read = () =>
    readGitLab(quick(), 'list', (api, project) => api.pipelines.all(project, { sha: sha('x') }));

  test('reads are repeated after 5xx and a short limit, a bounded number of times', async () => {
    gitlab.fail({ on: /pipelines/, answer: { status: 502 }, times: 2 });
    expect(await read()).toEqual([]);
    gitlab.fail({ on: /pipelines/, answer: { status: 429, headers: { 'retry-after': '2' } } });
    expect(await read()).toEqual([]);
    gitlab.fail({ on: /pipelines/, answer: { status: 503 }, times: 9 });
    expect(await failureOf(read())).toMatchObject({ status: 503, retryable: true, outcome: 'unchanged' });
    expect(gitlab.requests).toHaveLength(3 + 2 + 3);
  });

  test('a write is never repeated on its own, also not after the 502 that the library would repeat', async () => {
    gitlab.fail({ on: /^POST/, answer: { status: 502 }, afterDoing: true });
    const write = writeGitLab(quick(), 'open', (api, project) => api.issues.create(project, 'x'));
    expect(await failureOf(write)).toMatchObject({ outcome: 'unknown', retryable: true });
    expect(gitlab.state.issues).toHaveLength(1);
  });

  test('a redirection is not followed with the token; it is said where to', async () => {
    const location = 'http://127.0.0.1:9/elsewhere';
    gitlab.fail({ on: /pipelines/, answer: { status: 301, headers: { location } } });
    const failure = await failureOf(read());
    expect(failure).toMatchObject({ status: 301, retryable: false });
    expect(failure.advice).toContain(location);
  });

  test('a wrong token, one that only reads, another project and an address that is none are told apart', async () => {
    const of = async (over: object) => await failureOf((await open(over)).readChecks(sha('x')));
    expect((await of({ token: 'wrong' })).advice).toContain('missing, wrong or expired');
    expect((await of({ project: 'team/other' })).advice).toContain('team/other moved');
    const comment = { key: 'k', number: gitlab.addMergeRequest({ title: 'x' }), body: 'b' };
    const reader = await open({ token: gitlab.readOnlyToken });
    expect((await failureOf(reader.comment(comment).write())).advice).toContain('scope `api`');
    expect(() => openGitLab({ apiUrl: 'https://gitlab.example', token: 't', project: 'a/b' })).toThrow(
      '/api/v4',
    );
  });

  test('silence ends at the time limit', async () => {
    gitlab.fail({ on: /pipelines/, answer: 'hang', times: 9 });
    const connection = openGitLab({
      apiUrl: gitlab.apiUrl,
      token: 't',
      project: 'a/b',
      secondMs: 1,
      timeoutMs: 100,
    });
    const hung = readGitLab(connection, 'list', (api, project) => api.pipelines.all(project, {}));
    expect(await failureOf(hung)).toMatchObject({ retryable: true, outcome: 'unchanged' });
  });
});
