import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import { orNothing, unlessForbidden } from '../../failure.ts';
import type { PushedNames } from '../../host.ts';
import { fitsPattern } from '../../ref-pattern.ts';
import { type GitLabConnection, readGitLab } from '../connection.ts';

/** GitLab's roles by number: Developer, Maintainer. Whoever may push to a protected ref has at least one of them. */
export const DEVELOPER = 30;
const ROLES: Record<number, string> = { 30: 'Developer', 40: 'Maintainer', 50: 'Owner', 60: 'administrator' };

interface Access {
  access_level?: number | null;
  user_id?: number | null;
  group_id?: number | null;
}

interface Standing {
  /** The account's role; undefined where GitLab does not tell it. */
  role: number | undefined;
  /** Whether every merge request is squashed. */
  squashes: boolean;
}

/**
 * Protected branches and tags against what a release pushes.
 * @throws GitLabFailure
 */
export async function lookAtProtection(
  connection: GitLabConnection,
  names: PushedNames,
  standing: Standing,
): Promise<PreflightFinding[]> {
  const [main, branches, tags] = await Promise.all([
    lookAtMain(connection, names, standing),
    list(readGitLab(connection, 'read the protected branches', (api, id) => api.protectedBranches.all(id))),
    list(readGitLab(connection, 'read the protected tags', (api, id) => api.protectedTags.all(id))),
  ]);
  return [
    ...main,
    ...lookAtReleaseBranch(names.branch, branches),
    ...lookAtTag(names.tag, tags, standing.role),
  ];
}

/** Whether main takes the merge commit of this token, by push or by merge request: a branch says so itself. */
async function lookAtMain(
  connection: GitLabConnection,
  { main, byRequest }: PushedNames,
  { squashes }: Standing,
): Promise<PreflightFinding[]> {
  const subject = `GitLab protection of ${main}`;
  const found = await orNothing(
    readGitLab(connection, `read the branch ${main}`, (api, id) => api.branches.show(id, main)),
  );
  if (!found?.protected) return [];
  if (found.can_push) return [{ subject, state: 'ok', found: 'it lets this token push' }];
  const demand = 'it is protected, and this token may not push to it';
  if (byRequest !== true) {
    const advice = 'let its account push there, or say `release.merge: pull_request`';
    return [{ subject, state: 'problem', found: demand, advice }];
  }
  if (squashes) {
    const advice =
      'say "Allow" or "Do not allow" instead: a tag stands on the release commit, which a squash would leave out';
    const why = `${demand}, and every merge request is squashed ("Require" squashing)`;
    return [{ subject, state: 'problem', found: why, advice }];
  }
  return [{ subject, state: 'ok', found: `${demand}; the release goes in by a merge request` }];
}

interface Protected {
  name: string;
}

/** A protected branch cannot be deleted by a push, and the release branch is deleted at the end. */
function lookAtReleaseBranch(branch: string | undefined, branches: readonly Protected[]): PreflightFinding[] {
  const rule = branches.find(({ name }) => branch !== undefined && fitsPattern(name, branch));
  if (rule === undefined) return [];
  return [
    {
      subject: `GitLab protection of ${branch}`,
      state: 'problem',
      found: `the protected branches "${rule.name}" take it in, and a protected branch cannot be deleted by a push`,
      advice: 'leave the release branches out of that rule, or name them otherwise with `git.branch`',
    },
  ];
}

function lookAtTag(
  tag: string | undefined,
  tags: readonly (Protected & { create_access_levels?: Access[] })[],
  role: number | undefined,
): PreflightFinding[] {
  const rules = tags.filter(({ name }) => tag !== undefined && fitsPattern(name, tag));
  return rules.map(({ name, create_access_levels: levels = [] }) => {
    const subject = `GitLab protection of tag ${tag}`;
    const roles = levels.flatMap(({ access_level: level, user_id: user, group_id: group }) =>
      level != null && level > 0 && user == null && group == null ? [level] : [],
    );
    if (role !== undefined && roles.some((level) => role >= level))
      return { subject, state: 'ok', found: `"${name}" lets this token make it` };
    const named = levels.some(({ user_id: user, group_id: group }) => user != null || group != null);
    const who = roles.map((level) => ROLES[level] ?? `role ${level}`).join(', ') || 'nobody';
    const found = named
      ? `"${name}" lets certain people make it, and whether this token is one of them is not known`
      : `"${name}" lets it be made by: ${who}`;
    const advice = "let the token's account make it, in the settings of protected tags";
    return { subject, state: named || role === undefined ? 'warning' : 'problem', found, advice };
  });
}

/** What this token may not read is no rule that we know of; the push tells. */
async function list(read: Promise<unknown>): Promise<(Protected & { create_access_levels?: Access[] })[]> {
  return ((await orNothing(unlessForbidden(read))) ?? []) as Protected[];
}
