import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openGitHub } from '../../../../src/providers/host/github/connection.ts';
import { GitHubFailure } from '../../../../src/providers/host/github/failure.ts';
import { preflightGitHub } from '../../../../src/providers/host/github/preflight/preflight.ts';
import { type GitHubFake, startGitHub } from '../../../support/host/github-fake.ts';
import { type GitHubDescription, loadGitHubDescription } from '../../../support/host/github-openapi.ts';
import { failuresOf } from '../host-test.ts';

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
  expect(violations).toEqual([]);
});

const NAMES = { main: 'main', branch: 'release/shop/v1.0.0', tag: 'v1.0.0' };

async function look(over: { token?: string; repo?: string } = {}) {
  const { apiUrl, token, owner, repo } = github;
  const connection = openGitHub({ apiUrl, token, owner, repo, secondMs: 5, timeoutMs: 2000, ...over });
  return await preflightGitHub(connection, NAMES);
}

/** What is not in order, as `STATE subject: found`. */
async function troubles(over: { token?: string; repo?: string } = {}): Promise<string[]> {
  const { findings } = await look(over);
  for (const { state, advice } of findings) if (state !== 'ok') expect(advice).toMatch(/./);
  return findings.flatMap(({ state, subject, found }) =>
    state === 'ok' ? [] : [`${state} ${subject}: ${found}`],
  );
}

describe('what GitHub would refuse later', () => {
  test('a token that may push to a repository without rules is in order', async () => {
    expect(await troubles()).toEqual([]);
    expect((await look()).findings).toContainEqual({
      ...{ subject: 'GitHub repository team/shop', state: 'ok' },
      found: 'the token may write to it',
    });
  });

  test('a token that may only read', async () => {
    expect(await troubles({ token: github.readOnlyToken })).toEqual([
      'problem GitHub repository team/shop: the token may read it and not write',
    ]);
  });

  test('a wrong token and a repository that is not there are told apart', async () => {
    const failureOf = failuresOf(GitHubFailure);
    const wrong = await failureOf(look({ token: 'wrong' }));
    const missing = await failureOf(look({ repo: 'missing' }));
    expect([wrong, missing].map(({ status }) => status)).toEqual([401, 404]);
    for (const failure of [wrong, missing])
      expect(failure).toMatchObject({ outcome: 'unchanged', retryable: false });
  });

  test('a repository that moved says where to, an archived one says so', async () => {
    for (const path of ['', '/branches/main']) {
      const to = { location: `${github.apiUrl}/repos/team/shop${path}` };
      const on = new RegExp(`^GET /repos/team/old-name${path}$`);
      github.fail({ on, answer: { status: 301, headers: to } });
    }
    expect(await troubles({ repo: 'old-name' })).toEqual([
      'problem GitHub repository team/old-name: moved to team/shop',
    ]);
    await github.call('releaser', 'PATCH', '/repos/team/shop', { archived: true });
    expect(await troubles()).toEqual(['problem GitHub repository team/shop: is archived']);
  });

  test('a classic token without the scope, and the day on which a token ends', async () => {
    github.tokenHeaders['x-oauth-scopes'] = 'read:org, gist';
    github.tokenHeaders['github-authentication-token-expiration'] = '2026-12-01 09:30:00 UTC';
    expect(await troubles()).toEqual(['problem scopes of the GitHub token: it has read:org, gist']);
    expect((await look()).tokenEnds?.toISOString()).toBe('2026-12-01T09:30:00.000Z');
    github.tokenHeaders['x-oauth-scopes'] = 'repo, gist';
    expect(await troubles()).toEqual([]);
  });

  test('rules for main, for the release branch and for the tag, unless the token may go past them', async () => {
    github.rulesets.push(
      {
        id: 1,
        name: 'main is sacred',
        target: 'branch',
        include: ['refs/heads/main'],
        rules: ['deletion', 'non_fast_forward', 'pull_request', 'required_linear_history'],
        bypass: 'pull_requests_only',
      },
      {
        id: 2,
        name: 'no stray branches',
        target: 'branch',
        include: ['refs/heads/release/shop/v1.0.0'],
        rules: ['creation'],
        bypass: 'never',
      },
      { id: 3, name: 'tags', target: 'tag', include: ['refs/tags/v*'], rules: ['creation'], bypass: 'never' },
      {
        id: 4,
        name: 'other',
        target: 'tag',
        include: ['refs/tags/app/*'],
        rules: ['creation'],
        bypass: 'never',
      },
    );
    expect(await troubles()).toEqual([
      'problem GitHub rules for main: "main is sacred" demands: pull request, required linear history',
      'problem GitHub rules for release/shop/v1.0.0: "no stray branches" demands: creation',
      'problem GitHub rules for tag v1.0.0: "tags" demands: creation',
    ]);
    for (const ruleset of github.rulesets) ruleset.bypass = 'always';
    expect(await troubles()).toEqual([]);
  });

  test('classic protection of main', async () => {
    await github.call('releaser', 'PUT', '/repos/team/shop/branches/main/protection', {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: { required_approving_review_count: 1 },
      restrictions: null,
    });
    expect(await troubles()).toEqual(['problem GitHub protection of main: it demands: a pull request']);
  });
});
