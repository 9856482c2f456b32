/** Who may command and start what, and which claims give which role, from what the file changes of the defaults. */
import {
  changePermissions,
  DEFAULT_PERMISSIONS,
  type Permissions,
} from '../../release/commands/permissions.ts';
import { DEFAULT_ROLES, type PersonRole } from '../../release/settings.ts';
import type { RoleClaims } from '../installation.ts';
import type { RolesFile } from '../schema/role-schema.ts';

/** Each of the mission's roles by its own name, as where a configuration says nothing. */
const DEFAULT_ROLE_CLAIMS: RoleClaims = Object.fromEntries(DEFAULT_ROLES.map((role) => [role, [role]]));

/** The table of permissions with the file's say laid over it: `may` is all that the role may. */
export function normalisePermissions(roles: RolesFile): Permissions {
  return Object.entries(roles).reduce(
    (permissions, [role, { may }]) =>
      may === undefined ? permissions : changePermissions(permissions, role, may),
    DEFAULT_PERMISSIONS,
  );
}

/** Every role that the installation knows, the mission's among them. */
export function normaliseRoleClaims(roles: RolesFile): RoleClaims {
  const own = Object.entries(roles).map(([role, { claims }]) => [role, claims ?? [role]] as const);
  return { ...DEFAULT_ROLE_CLAIMS, ...Object.fromEntries(own) };
}

/** What the person says of themselves, and the roles that name them as a member. */
export function rolesOfPerson(login: string, own: readonly PersonRole[], roles: RolesFile): PersonRole[] {
  const groups = Object.entries(roles).flatMap(([role, { members }]) =>
    members?.includes(login) ? [role] : [],
  );
  return [...new Set([...own, ...groups])];
}
