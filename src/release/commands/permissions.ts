import type { PersonRole } from '../settings.ts';
import { COMMANDS, PLAIN_COMMAND_NAMES, type PlainCommandName } from './command-table.ts';

/** What people start, besides what they command. */
export type StartName = 'release' | 'hotfix' | 'rollback' | 'deployment' | 'monitoring' | 'gates';

/** Which roles may give which command and start what. Approvals are by the gate's own roles instead. */
export interface Permissions {
  commands: Record<PlainCommandName, readonly PersonRole[]>;
  starts: Record<StartName, readonly PersonRole[]>;
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

/** Whether somebody with these roles may give the command at all. */
export function mayDo(
  permissions: Permissions,
  name: PlainCommandName,
  roles: readonly PersonRole[],
): boolean {
  return permissions.commands[name].some((role) => roles.includes(role));
}

/** Whether somebody with these roles may start a run of the kind. */
export function mayStart(permissions: Permissions, what: StartName, roles: readonly PersonRole[]): boolean {
  return permissions.starts[what].some((role) => roles.includes(role));
}
