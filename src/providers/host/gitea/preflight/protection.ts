import type { z } from 'zod';
import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import { orNothing, unlessForbidden } from '../../failure.ts';
import type { PushedNames } from '../../host.ts';
import { fitsPattern } from '../../ref-pattern.ts';
import { findGitea, type GiteaConnection, readGitea } from '../connection.ts';
import { encodePath } from '../merging.ts';
import * as shapes from '../shapes.ts';

interface Standing {
  /** Who the token belongs to. */
  login: string | undefined;
  repository: z.infer<typeof shapes.repository>;
}

/**
 * Protected branches and tags against what a release pushes.
 * @throws GiteaFailure
 */
export async function lookAtProtection(
  connection: GiteaConnection,
  names: PushedNames,
  standing: Standing,
): Promise<PreflightFinding[]> {
  const [main, branches, tags] = await Promise.all([
    lookAtMain(connection, names, standing),
    listRules(connection, 'branch_protections', shapes.branchProtection),
    listRules(connection, 'tag_protections', shapes.tagProtection),
  ]);
  return [
    ...main,
    ...lookAtReleaseBranch(names.branch, branches, standing.login),
    ...lookAtTag(names.tag, tags, standing.login),
  ];
}

/** Whether main takes the merge commit of this token, by push or by pull request: a branch says so itself. */
async function lookAtMain(
  connection: GiteaConnection,
  { main, byRequest }: PushedNames,
  { repository }: Standing,
): Promise<PreflightFinding[]> {
  const subject = `Gitea protection of ${main}`;
  const path = `{repo}/branches/${encodePath(main)}`;
  const found = await findGitea(connection, `read the branch ${main}`, { path }, shapes.branch);
  if (!found?.protected) return [];
  if (found.user_can_push) return [{ subject, state: 'ok', found: 'it lets this token push' }];
  const demand = 'it is protected, and this token may not push to it';
  const problem = (why: string, advice: string) => [
    { subject, state: 'problem' as const, found: `${demand}${why}`, advice },
  ];
  if (byRequest !== true)
    return problem('', 'let its account push there, or say `release.merge: pull_request`');
  if (repository.has_pull_requests === false)
    return problem(
      ', and pull requests are switched off',
      'switch on "Pull requests", or let its account push',
    );
  if (repository.allow_merge_commits === false)
    return problem(
      ', and merge commits are switched off',
      'switch on merge commits in its settings: a tag stands on the release commit, which a squash or a rebase would leave out',
    );
  if (found.user_can_merge === false)
    return problem(
      ', nor merge a pull request into it',
      'let its account merge there, in the rule of the branch',
    );
  return [{ subject, state: 'ok', found: `${demand}; the release goes in by a pull request` }];
}

type BranchRule = z.infer<typeof shapes.branchProtection>;

/** The release branch is pushed, and deleted at the end, which no protected branch allows. */
function lookAtReleaseBranch(
  branch: string | undefined,
  rules: readonly BranchRule[],
  login: string | undefined,
): PreflightFinding[] {
  if (branch === undefined) return [];
  const nameOf = (rule: BranchRule) => rule.rule_name || rule.branch_name || '';
  const rule = rules.find((one) => fitsPattern(nameOf(one), branch, true));
  if (rule === undefined) return [];
  const { enable_push: pushes, enable_push_whitelist: listed, push_whitelist_usernames: users } = rule;
  const mayPush = pushes === true && (listed !== true || users.includes(login ?? ''));
  const found = `the rule "${nameOf(rule)}" takes it in: ${
    mayPush
      ? 'a protected branch cannot be deleted'
      : 'this token may not push it, nor can a protected branch be deleted'
  }`;
  const advice = 'leave the release branches out of that rule, or name them otherwise with `git.branch`';
  return [{ subject: `Gitea protection of ${branch}`, state: 'problem', found, advice }];
}

function lookAtTag(
  tag: string | undefined,
  rules: readonly z.infer<typeof shapes.tagProtection>[],
  login: string | undefined,
): PreflightFinding[] {
  const standing = rules.filter(({ name_pattern: pattern }) => tag !== undefined && fitsTag(pattern, tag));
  return standing.map(({ name_pattern: pattern, whitelist_usernames: users, whitelist_teams: teams }) => {
    const subject = `Gitea protection of tag ${tag}`;
    if (users.includes(login ?? ''))
      return { subject, state: 'ok', found: `"${pattern}" lets this token make it` };
    const advice = "put the token's account among those who may make it";
    if (teams.length === 0)
      return { subject, state: 'problem', found: `"${pattern}" does not let this token make it`, advice };
    const found = `"${pattern}" lets ${teams.join(', ')} make it, and whether this token is of them is not known`;
    return { subject, state: 'warning', found, advice };
  });
}

/** Gitea's patterns of tags: between slashes a regular expression, else a glob. One that we cannot read fits. */
function fitsTag(pattern: string, tag: string): boolean {
  const [, expression] = /^\/(.+)\/$/.exec(pattern) ?? [];
  if (expression === undefined) return fitsPattern(pattern, tag, true);
  // The administrator's own, but Go's are linear and ours are not: only plain ones are run.
  if (expression.length > 100 || /[+*}]\)?[+*{]|\(\?/.test(expression)) return true;
  try {
    return new RegExp(expression).test(tag);
  } catch {
    return true;
  }
}

/** Administrators of a repository alone may read its rules, and older servers have none for tags: then a push tells. */
async function listRules<T>(connection: GiteaConnection, what: string, rule: z.ZodType<T>): Promise<T[]> {
  const doing = `read the ${what.replace('_', ' ')}`;
  const path = `{repo}/${what}`;
  const read = readGitea(connection, doing, { path }, shapes.list(rule) as unknown as z.ZodType<T[]>);
  return (await orNothing(unlessForbidden(read))) ?? [];
}
