import { RUN_KINDS, type RunKind } from '../names.ts';
import type { PersonRole } from '../settings.ts';
import { COMMANDS, PLAIN_COMMAND_NAMES, type PlainCommandName } from './command-table.ts';

/** What people command, and what they start. */
export type PermissionName = PlainCommandName | `start_${RunKind}`;

/** Which roles may give which command and start what. Approvals are by the gate's own roles instead. */
export interface Permissions {
  commands: Record<PlainCommandName, readonly PersonRole[]>;
  starts: Record<RunKind, readonly PersonRole[]>;
}

const STARTERS: readonly PersonRole[] = [
  'ceo',
  'engineering_lead',
  'product_manager',
  'release_manager',
  'operator',
];

/** The table's own roles: what holds where a configuration says nothing. */
export const DEFAULT_PERMISSIONS: Permissions = {
  commands: Object.fromEntries(PLAIN_COMMAND_NAMES.map((name) => [name, COMMANDS[name].roles])) as Record<
    PlainCommandName,
    readonly PersonRole[]
  >,
  starts: {
    release: STARTERS,
    // Going back and emergencies are for those on call as well.
    hotfix: [...STARTERS, 'on_call'],
    rollback: COMMANDS.rollback.roles,
    deployment: STARTERS,
    monitoring: COMMANDS.hold.roles,
    gates: COMMANDS.hold.roles,
  },
};

/** One name for each thing that may be allowed, as a configuration writes it: `hold`, `start_release`. */
export const PERMISSION_NAMES: readonly PermissionName[] = [
  ...PLAIN_COMMAND_NAMES,
  ...RUN_KINDS.map((what) => `start_${what}` as const),
];

/** The same permissions with the role allowed exactly what is named. */
export function changePermissions(
  { commands, starts }: Permissions,
  role: PersonRole,
  may: readonly PermissionName[],
): Permissions {
  const change = <Name extends string>(
    table: Record<Name, readonly PersonRole[]>,
    permission: (name: Name) => string,
  ) => {
    const rows = (Object.keys(table) as Name[]).map((name) => {
      const others = table[name].filter((other) => other !== role);
      const isAllowed = (may as readonly string[]).includes(permission(name));
      return [name, isAllowed ? [...others, role] : others] as const;
    });
    return Object.fromEntries(rows) as unknown as Record<Name, readonly PersonRole[]>;
  };
  return { commands: change(commands, (name) => name), starts: change(starts, (what) => `start_${what}`) };
}

/** Whether somebody with these roles may do anything at all besides looking. */
export function mayAct({ commands, starts }: Permissions, roles: readonly PersonRole[]): boolean {
  return [...Object.values(commands), ...Object.values(starts)].some((allowed) =>
    allowed.some((role) => roles.includes(role)),
  );
}

/** Whether somebody with these roles may give the command at all. */
export function mayDo(
  permissions: Permissions,
  name: PlainCommandName,
  roles: readonly PersonRole[],
): boolean {
  return permissions.commands[name].some((role) => roles.includes(role));
}

/** Whether somebody with these roles may start a run of the kind. */
export function mayStart(permissions: Permissions, what: RunKind, roles: readonly PersonRole[]): boolean {
  return permissions.starts[what].some((role) => roles.includes(role));
}
