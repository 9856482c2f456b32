/** Every approval of every product can be given: the people for it are there. */
import { formatDuration } from '../../release/duration.ts';
import type { PersonRole } from '../../release/settings.ts';
import { RELEASE_TYPES } from '../../release/settings.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { policyOf } from '../normalise/normalise-product.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';
import type { ProductFile } from '../schema/product-schema.ts';
import { checkList } from './approvals/check-approvers.ts';
import { APPROVALS, listUnknownRoles } from './check-roles.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** Reports approvals that nobody can give, and times that contradict each other. */
export function checkPolicy({ config }: RuleInput): RuleFinding[] {
  return Object.entries(config.products).flatMap(([name, product]) => [
    ...checkApprovers(name, product, config),
    ...checkApprovalTimes(name, product),
    ...checkMonitoring(name, product),
  ]);
}

function checkApprovers(name: string, product: ProductFile, config: ConfigFile): RuleFinding[] {
  // Who may be meant by a name that is no role, nobody knows: that mistake is reported where it stands.
  if (listUnknownRoles(config).length > 0) return [];
  const findings: RuleFinding[] = [];
  const policy = policyOf(product);
  const unfilled = new Set<PersonRole>();
  for (const type of RELEASE_TYPES) {
    for (const [key, field] of APPROVALS) {
      // A library is never staged, so nobody has to sign that off.
      if (key === 'staging_sign_off' && Object.keys(product.environments).length === 0) continue;
      const required = policy[type][field];
      const path: ConfigPath = ['products', name, 'policy', type, key];
      const place = ['products', name, 'policy'];
      const release = `a ${type} release`;
      const goesLive = key === 'go_live_approvals' ? { goesLive: release } : {};
      const what = `${key} of ${release}`;
      const asked = { name, product, config, required, path, place, what, ...goesLive };
      findings.push(...checkList(asked, unfilled));
    }
  }
  if (unfilled.size > 0) {
    const expected = `a person for each role that decides in releases of ${name}: ${[...unfilled].join(', ')}`;
    const about: ConfigPath[] = [['people'], ['products', name, 'policy']];
    findings.push({ path: ['people'], at: 'key', expected, found: 'nobody', about });
  }
  return findings;
}

function checkApprovalTimes(name: string, { approvals }: ProductFile): RuleFinding[] {
  const path = (key: string): ConfigPath => ['products', name, 'approvals', key];
  const { remind_after: remind, escalate_after: escalate, valid_for: valid } = approvals;
  const findings: RuleFinding[] = [];
  if (remind <= 0) {
    findings.push({ path: path('remind_after'), at: 'value', expected: 'more than nothing', found: '0s' });
  }
  if (escalate < remind) {
    const expected = `at least remind_after (${formatDuration(remind)})`;
    const about = [path('remind_after')];
    findings.push({
      path: path('escalate_after'),
      at: 'value',
      expected,
      found: formatDuration(escalate),
      about,
    });
  }
  if (valid <= 0) {
    findings.push({ path: path('valid_for'), at: 'value', expected: 'more than nothing', found: '0s' });
  }
  return findings;
}

function checkMonitoring(name: string, product: ProductFile): RuleFinding[] {
  const policy = policyOf(product);
  return RELEASE_TYPES.flatMap((type) => {
    const { windowMs, intervalMs } = policy[type].monitoring;
    const path: ConfigPath = ['products', name, 'policy', type, 'monitoring'];
    const at = 'value' as const;
    if (intervalMs < 1_000) {
      const expected = 'at least 1s between samples';
      return [{ path: [...path, 'interval'], at, expected, found: formatDuration(intervalMs) }];
    }
    if (windowMs < intervalMs) {
      const expected = `at least one interval (${formatDuration(intervalMs)})`;
      return [{ path: [...path, 'window'], at, expected, found: formatDuration(windowMs) }];
    }
    return [];
  });
}
