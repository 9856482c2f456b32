import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GreeterWorld, startGreeterWorld } from '../../support/fixture/greeter-world.ts';
import { type GitHubFake, startGitHub } from '../../support/host/github-fake.ts';
import { loadGitHubDescription } from '../../support/host/github-openapi.ts';

describe('a product whose main branch takes pull requests only', { timeout: 300_000 }, () => {
  let github: GitHubFake;
  let world: GreeterWorld;

  beforeAll(async () => {
    github = await startGitHub({ repo: 'greeter', description: loadGitHubDescription() });
    world = await startGreeterWorld(
      (product) => {
        const origin = String(product['repository']);
        execFileSync('git', ['-C', origin, 'push', '--quiet', '--mirror', github.repositoryPath]);
        product['repository'] = { url: github.gitUrl, token: 'push', read_token: 'fetch' };
        const { owner, repo, apiUrl: api_url } = github;
        product['github'] = { owner, repo, api_url, token: 'host' };
      },
      {
        push: { value: github.token, roles: ['release'] },
        host: { value: github.token, roles: ['release'] },
        fetch: { value: github.readOnlyToken, roles: ['writer', 'qa', 'devops', 'support'] },
      },
    );
    // GitHub tells of its rule, and git is held to it.
    github.rulesets.push({
      ...{ id: 1, name: 'main', target: 'branch', include: ['refs/heads/main'] },
      ...{ rules: ['pull_request', 'required_status_checks'], bypass: 'never' },
    });
    await github.protectBranch('main');
  });

  afterAll(async () => {
    await world?.stop();
    await github?.stop();
  });

  const git = (...args: string[]) =>
    execFileSync('git', ['-C', github.repositoryPath, ...args], { encoding: 'utf8' }).trim();

  const has = (commit: string, branch: string) =>
    git('merge-base', commit, `refs/heads/${branch}`) === git('rev-parse', commit);

  /** As a pull request of somebody else brings it. */
  const develop = (subject: string) => {
    const identity = ['-c', 'user.name=Ola', '-c', 'user.email=ola@example.test'];
    const made = git(...identity, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', subject);
    git('update-ref', 'refs/heads/main', made);
  };

  it('is told so at readiness, and gets the release by a pull request once that is reviewed and green', async () => {
    github.merging.needsReview = true;
    await world.start();
    const approved = world.approveEverything();
    const waiting = await world.until('the pull request to wait', ({ waiting }) =>
      Boolean(waiting?.for.some((one) => one.startsWith('pull request #'))),
    );
    const readiness = waiting.steps.find(({ id }) => id === 'readiness.check');
    expect(readiness?.detail).toContain('the release goes into main by a pull request: "main" demands');
    expect(waiting.waiting?.reason).toContain('waits for: a review, a required check or the merge queue');
    expect(waiting.waiting?.actions).toContain('retry');
    const commit = waiting.commit ?? '';
    const version = waiting.plan?.version ?? '';
    expect(has(commit, 'main')).toBe(false);
    const number = Number(/#(\d+)/.exec(waiting.waiting?.for[0] ?? '')?.[1]);
    expect(waiting.links).toContainEqual({
      name: `pull request #${number}`,
      url: expect.stringContaining(`/team/greeter/pull/${number}`),
    });

    github.setCheckRun(commit, 'test', null);
    github.merging.approved.add(number);
    await world.until('its checks to be waited for', ({ waiting }) =>
      Boolean(waiting?.reason.endsWith('waits for: its checks: test')),
    );
    expect(has(commit, 'main')).toBe(false);
    github.setCheckRun(commit, 'test', 'success');

    const record = await approved;
    expect(record.outcome, record.ending).toBe('released');
    expect(git('rev-parse', `refs/tags/v${version}^{}`)).toBe(commit);
    expect(has(commit, 'main')).toBe(true);
    expect(git('log', '-1', '--format=%B', 'main')).toContain(`Release-Id: ${record.releaseId}`);
    expect(git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n')).toEqual([
      'main',
      'windlass-state',
    ]);
    expect(git('show', 'windlass-state:state.yml')).toContain(version);
    const opened = record.receipts.filter(({ target }) => target.startsWith('pull request of'));
    expect(opened.map(({ outcome }) => outcome)).toEqual(['done']);
    expect(github.violations).toEqual([]);
  });

  it('is caught up with where the branch must be up to date', async () => {
    github.merging.needsReview = false;
    github.merging.upToDate = true;
    develop('feat: greet the moon');
    await world.start();
    await world.until('the review', ({ approvals }) => approvals.some(({ status }) => status === 'open'));
    develop('docs: about the moon');
    const record = await world.approveEverything();
    expect(record.outcome, record.ending).toBe('released');
    expect(has(record.commit ?? '', 'main')).toBe(true);
    expect(git('log', '--format=%s', 'main')).toContain('docs: about the moon');
    expect(git('for-each-ref', 'refs/heads/release')).toBe('');
    expect(github.violations).toEqual([]);
  });
});
