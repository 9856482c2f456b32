/** Approval rules can hold, and there are people for what they ask. */
import { mergeApprovers } from '../../../release/policy/approvers.ts';
import { RELEASE_TYPES } from '../../../release/settings.ts';
import type { ConfigPath } from '../../mistakes/mistake.ts';
import { findNearest } from '../../mistakes/nearest.ts';
import { normaliseRules } from '../../normalise/normalise-approver.ts';
import { kindOf } from '../../normalise/normalise-environment.ts';
import { policyOf } from '../../normalise/normalise-product.ts';
import type { ConfigFile } from '../../schema/installation-schema.ts';
import type { ProductFile } from '../../schema/product-schema.ts';
import { listUnknownRoles } from '../check-roles.ts';
import type { RuleFinding, RuleInput } from '../check-rules.ts';
import { checkList } from './check-approvers.ts';

/** Reports rules of one name, environments that are none, and rules for which there are not people enough. */
export function checkApprovalRules({ config }: RuleInput): RuleFinding[] {
  return Object.entries(config.products).flatMap(([name, product]) => [
    ...checkNames(name, product),
    ...checkEnvironments(name, product),
    ...checkPeople(name, product, config),
  ]);
}

function checkNames(name: string, { approvals }: ProductFile): RuleFinding[] {
  return approvals.rules.flatMap((rule, at): RuleFinding[] => {
    if (approvals.rules.findIndex((other) => other.name === rule.name) === at) return [];
    const path = ['products', name, 'approvals', 'rules', at, 'name'];
    return [{ path, at: 'value', expected: 'a name of its own', found: rule.name }];
  });
}

function checkEnvironments(name: string, { approvals, environments }: ProductFile): RuleFinding[] {
  const production = Object.entries(environments).flatMap(([environment, settings]) =>
    kindOf(environment, settings) === 'production' ? [environment] : [],
  );
  return approvals.rules.flatMap(({ when }, rule) =>
    (when.environments ?? []).flatMap((found, at): RuleFinding[] => {
      if (production.includes(found)) return [];
      const path: ConfigPath = ['products', name, 'approvals', 'rules', rule, 'when', 'environments', at];
      const expected = `a production environment: ${production.join(', ') || 'none is configured'}`;
      const nearest = findNearest(found, production);
      return [{ path, at: 'value', expected, found, ...(nearest ? { nearest } : {}) }];
    }),
  );
}

/** Rules may hold all at once: there must be people enough for all that one release type can need. */
function checkPeople(name: string, product: ProductFile, config: ConfigFile): RuleFinding[] {
  const rules = normaliseRules(product);
  if (rules.length === 0 || listUnknownRoles(config).length > 0) return [];
  const policy = policyOf(product);
  const path: ConfigPath = ['products', name, 'approvals', 'rules'];
  const unfilled = new Set<string>();
  const findings = RELEASE_TYPES.flatMap((type) => {
    const holding = rules.filter(({ when }) => when.types.includes(type));
    if (holding.length === 0) return [];
    const required = mergeApprovers([policy[type].goLiveApprovals, ...holding.map(({ require }) => require)]);
    const what = `go-live of a ${type} release under all its approval rules`;
    return checkList({ name, product, config, required, path, place: path, what }, unfilled);
  });
  const ofLists = new Set(RELEASE_TYPES.flatMap((type) => policy[type].goLiveApprovals.flat()));
  const own = [...unfilled].filter((role) => !ofLists.has(role));
  if (own.length === 0) return findings.slice(0, 1);
  const expected = `a person for each role that approval rules of ${name} ask for: ${own.join(', ')}`;
  return [...findings.slice(0, 1), { path, at: 'key', expected, found: 'nobody', about: [['people']] }];
}
