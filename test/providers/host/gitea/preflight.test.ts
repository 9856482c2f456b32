import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGitea } from '../../../../src/providers/host/gitea/connection.ts';
import { GiteaFailure } from '../../../../src/providers/host/gitea/failure.ts';
import { preflightGitea } from '../../../../src/providers/host/gitea/preflight/preflight.ts';
import { type GiteaFake, startGitea } from '../../../support/host/gitea-fake.ts';
import { commitTo } from '../../../support/host/merging/git-merges.ts';
import { failuresOf } from '../host-test.ts';

let gitea: GiteaFake;

beforeEach(async () => {
  gitea = await startGitea();
  await commitTo(gitea.repositoryPath, 'main');
});
afterEach(async () => {
  const { violations } = gitea;
  await gitea.stop();
  expect(violations).toEqual([]);
});

const NAMES = { main: 'main', branch: 'release/shop/v1.0.0', tag: 'v1.0.0' };

async function look(over: { token?: string; project?: string; byRequest?: boolean } = {}) {
  const { apiUrl, token } = gitea;
  const { byRequest = false, ...rest } = over;
  const project = 'team/shop';
  const connection = openGitea({ apiUrl, token, project, secondMs: 5, timeoutMs: 2000, ...rest });
  return await preflightGitea(connection, { ...NAMES, byRequest });
}

/** What is not in order, as `STATE subject: found`. */
async function troubles(over: Parameters<typeof look>[0] = {}): Promise<string[]> {
  const { findings } = await look(over);
  for (const { state, advice } of findings) if (state !== 'ok') expect(advice).toMatch(/./);
  return findings.flatMap(({ state, subject, found }) =>
    state === 'ok' ? [] : [`${state} ${subject}: ${found}`],
  );
}

describe('what Gitea would refuse later', () => {
  test('a token that may push to a repository without rules is in order', async () => {
    expect(await troubles()).toEqual([]);
    expect((await look()).findings).toEqual([
      {
        ...{ subject: 'Gitea repository team/shop', state: 'ok' },
        found: "the token's account may write to it",
      },
    ]);
  });

  test('a token that may only read, also where its releases are switched off', async () => {
    gitea.state.rights.repository = { has_releases: false };
    expect(await troubles({ token: gitea.readOnlyToken })).toEqual([
      'problem Gitea repository team/shop: the token may read it and not write',
      'problem Gitea repository team/shop: its releases are switched off',
    ]);
  });

  test('a wrong token and a repository that is not there are told apart', async () => {
    const failureOf = failuresOf(GiteaFailure);
    const wrong = await failureOf(look({ token: 'wrong' }));
    const missing = await failureOf(look({ project: 'team/missing' }));
    expect([wrong, missing].map(({ status }) => status)).toEqual([401, 404]);
  });

  test('a repository that is archived, moved, or a mirror', async () => {
    const found = async (repository: object) => {
      gitea.state.rights.repository = repository;
      return await troubles();
    };
    const subject = 'problem Gitea repository team/shop:';
    expect(await found({ archived: true })).toEqual([`${subject} is archived`]);
    expect(await found({ full_name: 'other/shop' })).toEqual([`${subject} moved to other/shop`]);
    expect(await found({ mirror: true })).toEqual([`${subject} is a mirror, which takes no push`]);
  });

  test('a protected main stops a push, and not a pull request that may be merged', async () => {
    gitea.state.merging.protected = ['main'];
    const demand = 'problem Gitea protection of main: it is protected, and this token may not push to it';
    expect(await troubles()).toEqual([demand]);
    expect(await troubles({ byRequest: true })).toEqual([]);
    gitea.state.rights.canMerge = false;
    expect(await troubles({ byRequest: true })).toEqual([`${demand}, nor merge a pull request into it`]);
    gitea.state.rights.repository = { allow_merge_commits: false };
    expect(await troubles({ byRequest: true })).toEqual([`${demand}, and merge commits are switched off`]);
    gitea.state.rights.repository = { has_pull_requests: false };
    expect(await troubles({ byRequest: true })).toEqual([`${demand}, and pull requests are switched off`]);
  });

  test('rules take in release branches and tags, as far as this token may read them', async () => {
    const { rights } = gitea.state;
    rights.branchRules = [{ rule_name: 'main' }, { rule_name: 'release/*' }];
    rights.tagRules = [{ name_pattern: '/^v/', whitelist_usernames: ['releaser'], whitelist_teams: [] }];
    // A single star ends at a slash.
    expect(await troubles()).toEqual([]);
    rights.branchRules = [{ rule_name: 'release/**', enable_push: false }];
    const branch =
      'problem Gitea protection of release/shop/v1.0.0: the rule "release/**" takes it in: this token may not push it, nor can a protected branch be deleted';
    expect(await troubles()).toEqual([branch]);
    rights.branchRules = [
      {
        rule_name: 'release/**',
        enable_push: true,
        enable_push_whitelist: true,
        push_whitelist_usernames: ['releaser'],
      },
    ];
    expect(await troubles()).toEqual([
      'problem Gitea protection of release/shop/v1.0.0: the rule "release/**" takes it in: a protected branch cannot be deleted',
    ]);
    rights.branchRules = [];
    rights.tagRules = [
      { name_pattern: 'v*', whitelist_usernames: ['ada'] },
      { name_pattern: '/^v(1|2)/', whitelist_usernames: [], whitelist_teams: ['Owners'] },
      { name_pattern: 'shop-*', whitelist_usernames: [] },
    ];
    const tag = 'Gitea protection of tag v1.0.0:';
    expect(await troubles()).toEqual([
      `problem ${tag} "v*" does not let this token make it`,
      `warning ${tag} "/^v(1|2)/" lets Owners make it, and whether this token is of them is not known`,
    ]);
    rights.isAdmin = false;
    expect(await troubles()).toEqual([]);
  });
});
