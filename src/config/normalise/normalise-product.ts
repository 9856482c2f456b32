/** A product as the release rules see it: `ProductSettings`. */
import { findSection, HOSTS } from '../../providers/host/hosts.ts';
import { normaliseRegistries } from '../../providers/registry/registries.ts';
import type { GitTexts } from '../../release/git-texts.ts';
import type { PolicyOverrides, TypePolicyOverrides } from '../../release/policy/policy.ts';
import { resolvePolicy } from '../../release/policy/policy.ts';
import type { Policy, ProductSettings, ReleaseType } from '../../release/settings.ts';
import { RELEASE_TYPES } from '../../release/settings.ts';
import type { PolicyFile } from '../schema/policy-schema.ts';
import type { ProductFile } from '../schema/product-schema.ts';
import { normaliseApprover, normaliseRules } from './normalise-approver.ts';
import { normaliseEnvironment, normaliseScripts } from './normalise-environment.ts';
import { normaliseGates } from './normalise-gates.ts';
import { compact, resolveGitUrl, resolvePath, withoutSlash } from './paths.ts';

/** Where the product is fetched from, as the file writes it. */
export function repositoryOf(product: ProductFile): {
  url: string;
  token?: string | undefined;
  read_token?: string | undefined;
} {
  return typeof product.repository === 'string' ? { url: product.repository } : product.repository;
}

/**
 * The policy of a product: the table, then `release.deployment_strategy` (which leaves hotfixes alone), then
 * `policy` entry by entry.
 */
export function policyOf(product: ProductFile): Policy {
  const strategy = product.release.deployment_strategy;
  const overrides: PolicyOverrides = {};
  for (const type of RELEASE_TYPES) {
    const general = strategy === undefined || type === 'hotfix' ? {} : { strategy };
    overrides[type] = { ...general, ...readTypePolicy(type, product.policy) };
  }
  return resolvePolicy(overrides, normaliseGates(product.gates));
}

function readTypePolicy(type: ReleaseType, policy: PolicyFile): TypePolicyOverrides {
  const own = policy[type];
  if (own === undefined) return {};
  const { window, interval, level } = own.monitoring ?? {};
  return compact({
    gates: own.gates,
    loadProfile: own.load_profile,
    strategy: own.strategy,
    monitoring: compact({ windowMs: window, intervalMs: interval, level }),
    goLiveApprovals: own.go_live_approvals?.flatMap(normaliseApprover),
    changelogReview: own.changelog_review?.flatMap(normaliseApprover),
    manualSmoke: own.manual_smoke?.flatMap(normaliseApprover),
    stagingSignOff: own.staging_sign_off?.flatMap(normaliseApprover),
    communication: own.communication,
  });
}

function normaliseRelease(product: ProductFile): ProductSettings['release'] {
  const { release, registries } = product;
  const configured = Object.keys(registries);
  return {
    autoTrigger: release.auto_trigger,
    requireQualityGates: release.require_quality_gates,
    versionBump: release.version_bump,
    releaseBranch: release.release_branch,
    merge: release.merge,
    releaseType: release.release_type,
    publishRegistries: [...new Set(release.publish_registries ?? configured)],
    ...compact({ deploymentStrategy: release.deployment_strategy }),
    runSmokeTests: release.run_smoke_tests,
    rollbackOnFailure: release.rollback_on_failure,
    onFailedWave: release.on_failed_wave,
  };
}

function normaliseHost(product: ProductFile): ProductSettings['host'] {
  const found = findSection(product);
  if (found === undefined) return undefined;
  const { name, section } = found;
  return {
    kind: name,
    apiUrl: withoutSlash(section.api_url),
    project: HOSTS[name].readProject(section),
    token: section.token,
    blockingLabels: section.blocking_labels,
    customerLabel: section.customer_label,
    ...(section.deployments ? { deployments: true } : {}),
  };
}

function normaliseLinks({ links }: ProductFile): NonNullable<ProductSettings['links']> {
  if (typeof links === 'string') return { form: links };
  const { form, ...own } = links;
  return { form, own: compact(own) };
}

function normaliseGit({ git }: ProductFile): GitTexts {
  return {
    commitMessage: git.commit_message,
    mergeMessage: git.merge_message,
    tagMessage: git.tag_message,
    stateMessage: git.state_message,
    branch: git.branch,
    hotfixBranch: git.hotfix_branch,
  };
}

function normaliseApprovals(product: ProductFile): ProductSettings['approvals'] {
  const { solo, ...approvals } = product.approvals;
  return {
    remindAfterMs: approvals.remind_after,
    escalateAfterMs: approvals.escalate_after,
    validForMs: approvals.valid_for,
    onePersonManyRoles: approvals.one_person_many_roles || solo,
    rules: normaliseRules(product),
    ...(solo ? { solo } : {}),
  };
}

function normaliseState(product: ProductFile, base: string): ProductSettings['state'] {
  const { repository, branch, state_file, status_file } = product.state;
  const ownBranch = repository === undefined ? product.release.release_branch : 'main';
  return {
    repositoryUrl: resolveGitUrl(base, repository ?? repositoryOf(product).url),
    branch: branch ?? ownBranch,
    ...(branch === undefined && repository === undefined ? { follows: true } : {}),
    stateFile: state_file,
    statusFile: status_file,
  };
}

function normaliseSchedule({ schedule }: ProductFile): ProductSettings['schedule'] {
  return (
    schedule && {
      day: schedule.day,
      time: schedule.time,
      timeZone: schedule.time_zone,
      everyWeeks: schedule.every_weeks,
      anchor: schedule.anchor,
    }
  );
}

/** Renames, resolves and completes one product. `base` is the folder of the configuration. */
export function normaliseProduct(name: string, product: ProductFile, base: string): ProductSettings {
  const repository = repositoryOf(product);
  const host = normaliseHost(product);
  return {
    name,
    title: product.title ?? name,
    repositoryUrl: resolveGitUrl(base, repository.url),
    ...compact({ repositoryToken: repository.token, repositoryReadToken: repository.read_token }),
    path: product.path,
    links: normaliseLinks(product),
    ...compact({ includePaths: product.include_paths, excludePaths: product.exclude_paths }),
    tagFormat: product.tag_format.replaceAll('{product}', name),
    git: normaliseGit(product),
    breakingBelowOne: product.breaking_below_one,
    release: normaliseRelease(product),
    changelog: {
      file: product.changelog.file,
      format: product.changelog.format,
      includePullRequests: product.changelog.include_prs,
      pullRequestDetails: product.changelog.pull_request_details,
      breakingChangesSection: product.changelog.breaking_changes_section,
      rules: product.changelog.rules.map(compact),
    },
    versionFiles:
      product.version_files?.map((file) => (typeof file === 'string' ? { path: file } : compact(file))) ??
      null,
    registries: normaliseRegistries(product.registries),
    ...compact({ host }),
    scripts: normaliseScripts(product.scripts),
    ...compact({ sbom: product.sbom }),
    gates: normaliseGates(product.gates),
    variables: product.variables,
    environments: Object.entries(product.environments).map(([environment, settings]) => ({
      ...normaliseEnvironment(environment, settings, product.variables, {
        resolve: (path) => resolvePath(base, path),
      }),
      ...(host?.deployments ? { shownOnHost: true } : {}),
    })),
    policy: policyOf(product),
    approvals: normaliseApprovals(product),
    criticalPaths: product.critical_paths,
    migrationsBackwardCompatible: product.migrations.backward_compatible,
    ...compact({ migrationPaths: product.migrations.paths }),
    migrationsCompatibleOver: product.migrations.compatible_over,
    state: normaliseState(product, base),
    ...compact({ schedule: normaliseSchedule(product) }),
    severity: {
      highDeadlineMs: product.severity.high_deadline,
      quickHotfixMs: product.severity.quick_hotfix,
    },
  };
}
