import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGitLab } from '../../../../src/providers/host/gitlab/connection.ts';
import { GitLabFailure } from '../../../../src/providers/host/gitlab/failure.ts';
import { preflightGitLab } from '../../../../src/providers/host/gitlab/preflight/preflight.ts';
import { type GitLabFake, startGitLab } from '../../../support/host/gitlab-fake.ts';
import { commitTo } from '../../../support/host/merging/git-merges.ts';
import { failuresOf } from '../host-test.ts';

let gitlab: GitLabFake;

beforeEach(async () => {
  gitlab = await startGitLab();
  await commitTo(gitlab.repositoryPath, 'main');
});
afterEach(async () => {
  const { violations } = gitlab;
  await gitlab.stop();
  expect(violations).toEqual([]);
});

const NAMES = { main: 'main', branch: 'release/shop/v1.0.0', tag: 'v1.0.0' };

async function look(over: { token?: string; project?: string; byRequest?: boolean } = {}) {
  const { apiUrl, token, project } = gitlab;
  const { byRequest = false, ...rest } = over;
  const connection = openGitLab({ apiUrl, token, project, secondMs: 5, timeoutMs: 2000, ...rest });
  return await preflightGitLab(connection, { ...NAMES, byRequest });
}

/** What is not in order, as `STATE subject: found`. */
async function troubles(over: Parameters<typeof look>[0] = {}): Promise<string[]> {
  const { findings } = await look(over);
  for (const { state, advice } of findings) if (state !== 'ok') expect(advice).toMatch(/./);
  return findings.flatMap(({ state, subject, found }) =>
    state === 'ok' ? [] : [`${state} ${subject}: ${found}`],
  );
}

describe('what GitLab would refuse later', () => {
  test('a token of a maintainer, in a project without rules, is in order, and tells its end', async () => {
    expect(await troubles()).toEqual([]);
    const { findings, tokenEnds } = await look();
    expect(findings.map(({ subject, found }) => `${subject}: ${found}`)).toEqual([
      'GitLab project team/apps/shop: the role of the token’s account lets it write',
      'scopes of the GitLab token: it has api, write_repository',
    ]);
    expect(tokenEnds).toEqual(new Date('2099-01-01T00:00:00Z'));
  });

  test('a token that may only read lacks the role and the scope, both told at once', async () => {
    expect(await troubles({ token: gitlab.readOnlyToken })).toEqual([
      'problem GitLab project team/apps/shop: the role of the token’s account lets it read and not write',
      'problem scopes of the GitLab token: it has read_api, read_repository',
    ]);
  });

  test('a wrong token and a project that is not there are told apart', async () => {
    const failureOf = failuresOf(GitLabFailure);
    const wrong = await failureOf(look({ token: 'wrong' }));
    const missing = await failureOf(look({ project: 'team/missing' }));
    expect([wrong, missing].map(({ status }) => status)).toEqual([401, 404]);
  });

  test('a token without an end, and one that says nothing of itself', async () => {
    gitlab.state.rights.token = { scopes: ['api'] };
    expect(await look()).not.toHaveProperty('tokenEnds');
    gitlab.state.rights.token = null;
    gitlab.state.rights.role = null;
    expect(await troubles()).toEqual([
      'warning GitLab project team/apps/shop: GitLab does not tell the role of the token’s account',
      'warning scopes of the GitLab token: it is no access token that tells its scopes',
    ]);
  });

  test('a project that is archived, moved, or without release pages', async () => {
    gitlab.state.rights.project = { archived: true };
    expect(await troubles()).toEqual(['problem GitLab project team/apps/shop: is archived']);
    gitlab.state.rights.project = { path_with_namespace: 'other/shop' };
    expect(await troubles()).toEqual(['problem GitLab project team/apps/shop: moved to other/shop']);
    gitlab.state.rights.project = { releases_access_level: 'disabled' };
    expect(await troubles()).toEqual([
      'problem GitLab project team/apps/shop: its release pages are switched off',
    ]);
  });

  test('a protected main stops a push, and not a merge request, unless each is squashed', async () => {
    gitlab.state.merging.protected = ['main'];
    const demand = 'GitLab protection of main: it is protected, and this token may not push to it';
    expect(await troubles()).toEqual([`problem ${demand}`]);
    expect(await troubles({ byRequest: true })).toEqual([]);
    gitlab.state.rights.project = { squash_option: 'always' };
    expect(await troubles({ byRequest: true })).toEqual([
      `problem ${demand}, and every merge request is squashed ("Require" squashing)`,
    ]);
  });

  test('rules with a star take in release branches and tags, below slashes too', async () => {
    const { rights } = gitlab.state;
    const by = (level: number, over = {}) => ({
      access_level: level,
      user_id: null,
      group_id: null,
      ...over,
    });
    rights.protectedBranches = [{ name: 'main' }, { name: 'release/*' }];
    rights.protectedTags = [{ name: 'v*', create_access_levels: [by(40)] }];
    const branch =
      'problem GitLab protection of release/shop/v1.0.0: the protected branches "release/*" take it in, and a protected branch cannot be deleted by a push';
    expect(await troubles()).toEqual([branch]);
    rights.role = 30;
    const tag = 'GitLab protection of tag v1.0.0: "v*" lets';
    expect(await troubles()).toEqual([branch, `problem ${tag} it be made by: Maintainer`]);
    rights.protectedTags[0]!.create_access_levels = [by(0)];
    expect(await troubles()).toEqual([branch, `problem ${tag} it be made by: nobody`]);
    rights.protectedTags[0]!.create_access_levels = [by(40, { group_id: 7 })];
    expect(await troubles()).toEqual([
      branch,
      `warning ${tag} certain people make it, and whether this token is one of them is not known`,
    ]);
    rights.seesProtection = false;
    expect(await troubles()).toEqual([]);
  });
});
