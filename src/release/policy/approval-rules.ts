/**
 * Whose approval go-live needs: the list by release type, and what rules add to it by environment and by what the
 * release changes. Pure; the workflow asks for it, and the activities that act ask again by their own configuration.
 */
import { BUMPS } from '../names.ts';
import type { Approver, ProductSettings, ReleaseType } from '../settings.ts';
import { describeApprovers, mergeApprovers } from './approvers.ts';

/** When a rule applies: in releases of these types, to one of these environments, that change any of these things. */
export interface RuleCondition {
  types: ReleaseType[];
  /** Production environments; every one where nothing is said. */
  environments?: string[];
  /** Patterns of files, from the top of the repository. */
  paths?: string[];
  migrations?: boolean;
  dependencies?: boolean;
}

/** Approvals that are needed besides those of the policy's list. */
export interface ApprovalRule {
  name: string;
  when: RuleCondition;
  require: Approver[];
}

/** What a rule asks about: whether migrations, dependencies, or files of a pattern are changed. */
export type Risk = { is: 'migrations' | 'dependencies' } | { is: 'path'; pattern: string };

/** What a release changes, by `nameRisk`. A risk that is not named was not looked at, and counts as changed. */
export type Changes = Record<string, boolean>;

/** A rule of the team's own leaves hotfixes on their fast track unless it names them. */
export const RULE_TYPES: readonly ReleaseType[] = BUMPS;

/** Files whose change is a migration, where the product does not say it. */
export const DEFAULT_MIGRATIONS: readonly string[] = [
  '**/migrations/**',
  '**/migration/**',
  '**/migrate/**',
  '**/alembic/versions/**',
];

/** Files that say of which versions of others the product is made: locks first, manifests where there is no lock. */
export const DEPENDENCY_FILES: readonly string[] = [
  ...['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'],
  ...['Cargo.lock', 'uv.lock', 'poetry.lock', 'Pipfile.lock', 'pdm.lock', 'requirements*.txt'],
  ...['go.mod', 'go.sum', 'composer.lock', 'Gemfile.lock', 'mix.lock', 'pubspec.lock', 'Package.resolved'],
  ...['pom.xml', 'gradle.lockfile', 'libs.versions.toml', 'packages.lock.json', 'Directory.Packages.props'],
].map((file) => `**/${file}`);

/** The risks that a rule asks about; none for one that holds whatever is changed. */
export function listRisks({ when }: Pick<ApprovalRule, 'when'>): Risk[] {
  const known = (['migrations', 'dependencies'] as const).filter((is) => when[is] === true);
  return [
    ...known.map((is) => ({ is })),
    ...(when.paths ?? []).map((pattern) => ({ is: 'path' as const, pattern })),
  ];
}

/** Under which a risk stands in `Changes`, and so in what approvals are about: these words never change. */
export function nameRisk(risk: Risk): string {
  return risk.is === 'path' ? `path ${risk.pattern}` : risk.is;
}

interface GoLiveAbout {
  type: ReleaseType;
  /** The production environments that it reaches; none known: all of the product's. */
  environments?: readonly string[] | undefined;
  changes?: Changes | undefined;
}

type Ruled = Pick<ProductSettings, 'policy' | 'approvals' | 'environments'>;

/** Whose approval go-live needs. */
export function listGoLive(product: Ruled, about: GoLiveAbout): Approver[] {
  const rules = listApplying(product, about);
  return mergeApprovers([
    product.policy[about.type].goLiveApprovals,
    ...rules.map(({ rule }) => rule.require),
  ]);
}

/** Why more is asked for than the list by type says, one sentence a rule. */
export function explainGoLive(product: Ruled, about: GoLiveAbout, name?: (role: string) => string): string[] {
  return listApplying(product, about).map(({ rule, why }) => {
    const whom = describeApprovers(rule.require, name).join(', ');
    return `The rule "${rule.name}" asks for ${whom}${why === '' ? '' : `: ${why}`}`;
  });
}

/** The rules that hold, each with what in the release calls for it. */
function listApplying(product: Ruled, { type, environments, changes = {} }: GoLiveAbout) {
  const production = product.environments.filter(({ kind }) => kind === 'production').map(({ name }) => name);
  const reached = environments ?? production;
  return (product.approvals.rules ?? []).flatMap((rule) => {
    const { when } = rule;
    if (!when.types.includes(type)) return [];
    const there = (when.environments ?? []).filter((name) => reached.includes(name));
    if (when.environments !== undefined && there.length === 0) return [];
    const risks = listRisks(rule);
    const changed = risks.filter((risk) => changes[nameRisk(risk)] !== false);
    if (risks.length > 0 && changed.length === 0) return [];
    const why = [
      ...(there.length === 0 ? [] : [`it reaches ${there.join(', ')}`]),
      ...changed.map((risk) => describeRisk(risk, changes)),
    ];
    return [{ rule, why: why.join('; ') }];
  });
}

function describeRisk(risk: Risk, changes: Changes): string {
  const what = risk.is === 'path' ? risk.pattern : risk.is;
  return changes[nameRisk(risk)] === true ? `it changes ${what}` : `whether it changes ${what} is not known`;
}
