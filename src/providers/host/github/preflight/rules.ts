import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import type { PushedNames } from '../../host.ts';
import { type GitHubConnection, readGitHub } from '../connection.ts';
import { GitHubFailure } from '../failure.ts';

/** Rules that a merge commit which is pushed directly cannot keep. */
const AGAINST_MERGE = [
  'pull_request',
  'merge_queue',
  'update',
  'required_linear_history',
  'required_signatures',
  'required_status_checks',
  'required_deployments',
  'workflows',
  'code_scanning',
];
/** The release branch is made, and deleted at the end. */
const AGAINST_BRANCH = ['creation', 'deletion', 'required_signatures'];
const AGAINST_TAG = ['creation', 'required_signatures'];

interface Ruleset {
  name: string;
  rules: string[];
  /** Whether the rules do not hold for this token; undefined where GitHub does not say. */
  bypassed: boolean | undefined;
  include: string[];
  exclude: string[];
}

/**
 * The rulesets that would refuse what a release pushes, unless this token may go past them. Older servers have none.
 * @throws GitHubFailure
 */
export async function lookAtRules(
  connection: GitHubConnection,
  { main, branch, tag }: PushedNames,
): Promise<PreflightFinding[]> {
  return [
    ...(await lookAtBranch(connection, main, AGAINST_MERGE)),
    ...(branch === undefined ? [] : await lookAtBranch(connection, branch, AGAINST_BRANCH)),
    ...(tag === undefined ? [] : await lookAtTag(connection, tag)),
  ];
}

async function lookAtBranch(
  connection: GitHubConnection,
  branch: string,
  against: string[],
): Promise<PreflightFinding[]> {
  const rules = await orNone(
    readGitHub(connection, `read the rules for ${branch}`, (octokit, target) =>
      octokit.paginate(octokit.rest.repos.getBranchRules, { ...target, branch, per_page: 100 }),
    ),
  );
  const standing = (rules ?? []).filter(({ type }) => against.includes(type));
  const ids = [...new Set(standing.flatMap(({ ruleset_id: id }) => id ?? []))];
  const rulesets = await Promise.all(ids.map((id) => readRuleset(connection, id)));
  return rulesets.map((ruleset, index) => {
    const types = standing.filter((rule) => rule.ruleset_id === ids[index]).map(({ type }) => type);
    return describe(`GitHub rules for ${branch}`, ruleset, types);
  });
}

async function lookAtTag(connection: GitHubConnection, tag: string): Promise<PreflightFinding[]> {
  const listed = await orNone(
    readGitHub(connection, 'read the rulesets', (octokit, target) =>
      octokit.paginate(octokit.rest.repos.getRepoRulesets, { ...target, targets: 'tag', per_page: 100 }),
    ),
  );
  const active = (listed ?? []).filter(({ enforcement }) => enforcement === 'active');
  const rulesets = await Promise.all(active.map(({ id }) => readRuleset(connection, id)));
  return rulesets.flatMap((ruleset) => {
    const types = ruleset?.rules.filter((type) => AGAINST_TAG.includes(type)) ?? [];
    if (!ruleset || types.length === 0 || !isFor(ruleset, `refs/tags/${tag}`)) return [];
    return [describe(`GitHub rules for tag ${tag}`, ruleset, types)];
  });
}

function describe(subject: string, ruleset: Ruleset | undefined, types: string[]): PreflightFinding {
  const named = types.map((type) => type.replaceAll('_', ' ')).join(', ');
  const found = `"${ruleset?.name ?? 'a ruleset'}" demands: ${named}`;
  if (ruleset?.bypassed === true)
    return { subject, state: 'ok', found: `${found}; this token may go past it` };
  const advice = "put the token's account (or app) on its bypass list, for always";
  return { subject, state: ruleset?.bypassed === false ? 'problem' : 'warning', found, advice };
}

async function readRuleset(connection: GitHubConnection, id: number): Promise<Ruleset | undefined> {
  const answer = await orNone(
    readGitHub(connection, 'read a ruleset', (octokit, target) =>
      octokit.rest.repos.getRepoRuleset({ ...target, ruleset_id: id }),
    ),
  );
  if (answer === undefined) return undefined;
  const { name, rules = [], current_user_can_bypass: bypass, conditions } = answer.data;
  const names = (conditions as { ref_name?: { include?: string[]; exclude?: string[] } } | null)?.ref_name;
  return {
    name,
    rules: rules.map(({ type }) => type),
    bypassed: bypass === undefined ? undefined : ['always', 'exempt'].includes(bypass),
    include: names?.include ?? [],
    exclude: names?.exclude ?? [],
  };
}

/** GitHub's patterns for refs: `~ALL`, or Ruby's `fnmatch` in which a star ends at a slash. */
function isFor({ include, exclude }: Ruleset, ref: string): boolean {
  const matches = (pattern: string) => pattern === '~ALL' || toExpression(pattern).test(ref);
  return include.some(matches) && !exclude.some(matches);
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*|\?)/).map((part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** What is not there, or not for this token to see, is no rule that we know of. */
async function orNone<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (
      error instanceof GitHubFailure &&
      (error.status === 404 || error.status === 403) &&
      !error.retryable
    ) {
      return undefined;
    }
    throw error;
  }
}
