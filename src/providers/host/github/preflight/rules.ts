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
/** Of these, what a pull request keeps. A merge queue takes one in once somebody has put it there. */
const KEPT_BY_REQUEST = [
  'pull_request',
  'merge_queue',
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
  { main, branch, tag, byRequest }: PushedNames,
): Promise<PreflightFinding[]> {
  return [
    ...(await lookAtBranch(connection, main, AGAINST_MERGE, byRequest ? KEPT_BY_REQUEST : [])),
    ...(branch === undefined ? [] : await lookAtBranch(connection, branch, AGAINST_BRANCH)),
    ...(tag === undefined ? [] : await lookAtTag(connection, tag)),
  ];
}

/**
 * What rulesets demand of this token's pushes to a branch that a pull request has; undefined where it may push.
 * @throws GitHubFailure
 */
export async function demandOfRules(
  connection: GitHubConnection,
  branch: string,
): Promise<string | undefined> {
  const standing = await readRules(connection, branch, KEPT_BY_REQUEST);
  // Of a ruleset that does not say whether it holds for us, it is assumed: a pull request gets through either way.
  const found = standing.find(({ ruleset }) => ruleset?.bypassed !== true);
  return found && tellDemand(found.ruleset, found.types);
}

interface StandingRules {
  ruleset: Ruleset | undefined;
  types: string[];
}

/** The rules of some types that stand for a branch, by ruleset. */
async function readRules(
  connection: GitHubConnection,
  branch: string,
  wanted: string[],
): Promise<StandingRules[]> {
  const rules = await orNone(
    readGitHub(connection, `read the rules for ${branch}`, (octokit, target) =>
      octokit.paginate(octokit.rest.repos.getBranchRules, { ...target, branch, per_page: 100 }),
    ),
  );
  const standing = (rules ?? []).filter(({ type }) => wanted.includes(type));
  const ids = [...new Set(standing.flatMap(({ ruleset_id: id }) => id ?? []))];
  return await Promise.all(
    ids.map(async (id) => ({
      ruleset: await readRuleset(connection, id),
      types: standing.filter((rule) => rule.ruleset_id === id).map(({ type }) => type),
    })),
  );
}

async function lookAtBranch(
  connection: GitHubConnection,
  branch: string,
  against: string[],
  kept: string[] = [],
): Promise<PreflightFinding[]> {
  const subject = `GitHub rules for ${branch}`;
  const standing = await readRules(connection, branch, against);
  return standing.map(({ ruleset, types }) => {
    if (!types.every((type) => kept.includes(type))) return describe(subject, ruleset, types);
    const found = `${tellDemand(ruleset, types)}; the release goes in by a pull request`;
    if (!types.includes('merge_queue')) return { subject, state: 'ok', found };
    const advice = 'somebody puts that pull request into the queue, or the queue is not for this token';
    return { subject, state: 'warning', found, advice };
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

function tellDemand(ruleset: Ruleset | undefined, types: string[]): string {
  const named = types.map((type) => type.replaceAll('_', ' ')).join(', ');
  return `"${ruleset?.name ?? 'a ruleset'}" demands: ${named}`;
}

function describe(subject: string, ruleset: Ruleset | undefined, types: string[]): PreflightFinding {
  const found = tellDemand(ruleset, types);
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
