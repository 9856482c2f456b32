import { NOT_KNOWN } from '../approvals.ts';
import type { Approver, PersonRole } from '../settings.ts';
import { describeApprovers, rolesOf } from './approvers.ts';

/** Who decides on what goes live, and who there is. */
export interface ApprovingPeople {
  required: readonly Approver[];
  /** Who asked for it, and in whose name: never its only approvers. */
  own: readonly string[];
  solo: boolean;
  /** The people who have a role now. */
  holders(role: PersonRole): readonly string[];
}

/** Why nobody could ever approve it, as the end of a sentence; undefined where somebody can. */
export function whyNobodyCould({ required, own, solo, holders }: ApprovingPeople): string | undefined {
  const holdersOf = (approver: Approver) => rolesOf(approver).flatMap((role) => holders(role));
  const empty = required.filter((approver) => holdersOf(approver).length === 0);
  if (empty.length > 0) return `nobody has the role ${describeApprovers(empty).join(', ')}`;
  if (solo || required.length === 0) return undefined;
  const people = [...new Set(required.flatMap(holdersOf))];
  const others = people.filter((person) => !own.includes(person));
  if (own.includes(NOT_KNOWN) && required.length > 1 && others.length === 1) {
    return `nobody knows who fired the schedule by hand, so it takes two people, and only ${others[0]} could give ${describeApprovers(required).join(', ')}`;
  }
  if (others.length > 0) return undefined;
  return `it takes ${describeApprovers(required).join(', ')}, which only ${people.join(', ')} could give, who asked for it`;
}

/** What to do about it; `product` is its name in the configuration. */
export function adviseOnNobody(product: string): string {
  return `have somebody else ask for it, or give the roles to a second person (people); if one person maintains it, say products.${product}.approvals: solo`;
}
