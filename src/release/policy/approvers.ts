/**
 * Whose approvals a gate needs: each entry of a list is one approval. The same rule counts in the workflow, in the API
 * and in the activities that act, and says in words what is missing.
 */
import type { Approver, PersonRole } from '../settings.ts';
import { assignEach } from './assign.ts';

/** Approvals by the same roles, told as one: `2 of reviewers`. */
interface ApproverGroup {
  roles: PersonRole[];
  count: number;
}

/** The roles that may give this approval. */
export function rolesOf(approver: Approver): PersonRole[] {
  return typeof approver === 'string' ? [approver] : approver;
}

/** Every role that is named, once each, in the order of the list. */
export function listRoles(required: readonly Approver[]): PersonRole[] {
  return [...new Set(required.flatMap(rolesOf))];
}

/**
 * The approvals that are still missing when people approved in `given` roles. Each approval stands for one entry, so
 * that as many as possible are filled: somebody with one role of two never takes the place that only another can fill.
 */
export function findUnfilled(required: readonly Approver[], given: readonly PersonRole[]): Approver[] {
  const narrowFirst = required.toSorted((left, right) => rolesOf(left).length - rolesOf(right).length);
  const filled = assignEach(narrowFirst, (approver) =>
    given.flatMap((role, index) => (rolesOf(approver).includes(role) ? [index] : [])),
  );
  const missing = new Set(narrowFirst.flatMap((_, index) => (filled.has(index) ? [] : [index])));
  const groups = groupApprovers(narrowFirst.filter((_, index) => missing.has(index)));
  // In the order of the list, where people look for it.
  return groupApprovers(required).flatMap(({ roles }) => {
    const left = groups.find((group) => keyOf(group.roles) === keyOf(roles));
    return Array.from({ length: left?.count ?? 0 }, (): Approver => asApprover(roles));
  });
}

/** The roles in which one more approval would bring the list further; one that takes two people stands there twice. */
export function listHelpful(required: readonly Approver[], given: readonly PersonRole[]): PersonRole[] {
  const unfilled = findUnfilled(required, given);
  const own = unfilled.filter((approver) => typeof approver === 'string');
  const others = listRoles(required).filter(
    (role) => !own.includes(role) && findUnfilled(required, [...given, role]).length < unfilled.length,
  );
  return [...own, ...others];
}

/** Whether one approval may be given in either role, so that one person must not give two of them. */
export function areAlternatives(required: readonly Approver[], one: PersonRole, other: PersonRole): boolean {
  return required.some((approver) => rolesOf(approver).includes(one) && rolesOf(approver).includes(other));
}

/** Lists laid over each other: of the same roles the most that one of them asks for, since one approval serves all. */
export function mergeApprovers(lists: readonly (readonly Approver[])[]): Approver[] {
  const most = new Map<string, ApproverGroup>();
  for (const group of lists.flatMap(groupApprovers)) {
    const key = keyOf(group.roles);
    if ((most.get(key)?.count ?? 0) < group.count) most.set(key, group);
  }
  return [...most.values()].flatMap(({ roles, count }) =>
    Array.from({ length: count }, () => asApprover(roles)),
  );
}

/** The list in words: `CEO, 2 of reviewers, QA or operator`. `name` says how a role is called. */
export function describeApprovers(required: readonly Approver[], name = nameAsIs): string[] {
  return groupApprovers(required).map(({ roles, count }) => describe(roles, count, '', name));
}

/** What is missing in words: `1 more of reviewers` where others of the same have approved, else as in the list. */
export function describeMissing(
  required: readonly Approver[],
  given: readonly PersonRole[],
  name = nameAsIs,
): string[] {
  const all = groupApprovers(required);
  return groupApprovers(findUnfilled(required, given)).map(({ roles, count }) => {
    const asked = all.find((group) => keyOf(group.roles) === keyOf(roles))?.count ?? count;
    return describe(roles, count, count < asked ? ' more' : '', name);
  });
}

/** Approvals by the same roles together, in the order of the list. */
export function groupApprovers(required: readonly Approver[]): ApproverGroup[] {
  const groups = new Map<string, ApproverGroup>();
  for (const approver of required) {
    const roles = rolesOf(approver);
    const group = groups.get(keyOf(roles));
    if (group) group.count += 1;
    else groups.set(keyOf(roles), { roles, count: 1 });
  }
  return [...groups.values()];
}

function describe(
  roles: PersonRole[],
  count: number,
  more: string,
  name: (role: PersonRole) => string,
): string {
  const named = roles.map(name).join(' or ');
  return count === 1 && more === '' ? named : `${count}${more} of ${named}`;
}

function keyOf(roles: readonly PersonRole[]): string {
  return roles.toSorted().join(' ');
}

function asApprover(roles: PersonRole[]): Approver {
  return roles.length === 1 ? roles[0]! : [...roles];
}

function nameAsIs(role: PersonRole): string {
  return role;
}
