/** Whether there are people enough for a list of approvers. */
import { describeApprovers, groupApprovers, listRoles, rolesOf } from '../../../release/policy/approvers.ts';
import { assignEach } from '../../../release/policy/assign.ts';
import type { Approver, PersonRole } from '../../../release/settings.ts';
import type { ConfigPath } from '../../mistakes/mistake.ts';
import { rolesOfPerson } from '../../normalise/normalise-roles.ts';
import type { ConfigFile } from '../../schema/installation-schema.ts';
import type { ProductFile } from '../../schema/product-schema.ts';
import type { RuleFinding } from '../check-rules.ts';

/** A list of approvers, and where it stands. */
export interface AskedList {
  name: string;
  product: ProductFile;
  config: ConfigFile;
  required: readonly Approver[];
  path: ConfigPath;
  /** Where the mistake is shown. */
  place: ConfigPath;
  what: string;
  /** Of a list that decides go-live: what goes live (`a minor release`). Nobody may decide that alone. */
  goesLive?: string;
}

/** Whether there are people enough for one list. Roles that nobody has are collected in `unfilled`. */
export function checkList(asked: AskedList, unfilled: Set<PersonRole>): RuleFinding[] {
  const { name, product, config, required, path, place, what, goesLive } = asked;
  const holders = (approver: Approver) => rolesOf(approver).flatMap((role) => holdersOf(role, config));
  const empty = required.filter((approver) => holders(approver).length === 0);
  for (const role of listRoles(empty)) unfilled.add(role);
  if (empty.length > 0 || required.length === 0) return [];
  const people = [...new Set(required.flatMap(holders))];
  const about: ConfigPath[] = [path, ['people']];
  // What one person may do in several roles is still one of several people where a number of them is asked for.
  const { one_person_many_roles: manyRoles, solo } = product.approvals;
  const parts =
    manyRoles || solo
      ? groupApprovers(required).map(({ roles, count }) => Array.from({ length: count }, () => roles))
      : [required];
  if (parts.some((part) => assignEach(part, holders).size < part.length)) {
    const expected = `a person of their own for each of ${describeApprovers(required).join(', ')} (${what})`;
    const hint = `Or set products.${name}.approvals.one_person_many_roles: true; for a product that one person maintains, products.${name}.approvals: solo.`;
    return [
      {
        path: place,
        at: 'key',
        expected,
        found: people.join(', '),
        ...(manyRoles || solo ? {} : { hint }),
        about,
      },
    ];
  }
  if (solo || people.length !== 1 || goesLive === undefined) return [];
  const expected = `a second person for go-live of ${goesLive} (${describeApprovers(required).join(', ')})`;
  const hint = `Who requested a release cannot be its only approver, so this person cannot request one. If one person maintains it: products.${name}.approvals: solo.`;
  return [
    { path: ['people'], at: 'key', expected, found: `only ${people.join()}`, hint, about, isWarning: true },
  ];
}

/** Stands for people whom only the identity provider knows; as many as can be asked for. */
const BY_CLAIM = Array.from({ length: 20 }, (_, number) => number);

function holdersOf(role: PersonRole, config: ConfigFile): string[] {
  const own = Object.entries(config.people).flatMap(([login, { roles }]) =>
    rolesOfPerson(login, roles, config.roles).includes(role) ? [login] : [],
  );
  const hasClaims = config.api.oidc !== undefined && (config.roles[role]?.claims ?? []).length > 0;
  return hasClaims ? [...own, ...BY_CLAIM.map((number) => `${role} ${number}`)] : own;
}
