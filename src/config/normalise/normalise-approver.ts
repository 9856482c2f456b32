import type { ApprovalRule } from '../../release/policy/approval-rules.ts';
import type { Approver } from '../../release/settings.ts';
import type { ApproverFile } from '../schema/approver-schema.ts';
import type { ProductFile } from '../schema/product-schema.ts';
import { compact } from './paths.ts';

/** One entry of a list of approvers as the rules have it: each approval by itself. */
export function normaliseApprover(entry: ApproverFile): Approver[] {
  if (typeof entry === 'string') return [entry];
  const roles = [...new Set(entry.any_of ?? (entry.role === undefined ? [] : [entry.role]))];
  const [only] = roles;
  return Array.from({ length: entry.count }, () =>
    roles.length === 1 && only !== undefined ? only : [...roles],
  );
}

/** The product's approval rules. */
export function normaliseRules({ approvals }: ProductFile): ApprovalRule[] {
  return approvals.rules.map(({ name, when, require }) => ({
    name,
    when: compact(when),
    require: require.flatMap(normaliseApprover),
  }));
}
