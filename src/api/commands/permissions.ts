import type { CommandName } from '../../contracts/commands.ts';
import type { PersonRole } from '../../release/settings.ts';
import { PERSON_ROLES } from '../../release/settings.ts';
import type { FlowKind } from '../flows.ts';

const ACTING: readonly PersonRole[] = PERSON_ROLES.filter((role) => role !== 'viewer');

/** Who may start a release. */
export const STARTERS: readonly PersonRole[] = [
  'ceo',
  'engineering_lead',
  'product_manager',
  'release_manager',
  'operator',
];

/** Who may start a flow of the kind: going back and emergencies are for those on call as well. */
export function startersOf(kind: FlowKind): readonly PersonRole[] {
  switch (kind) {
    case 'rollback':
      return PERMISSIONS.rollback;
    case 'hotfix':
      return [...STARTERS, 'on_call'];
    case 'monitoring':
    case 'gates':
      return ACTING;
    default:
      return STARTERS;
  }
}

/**
 * Which roles may send which command; everybody else may not. Stopping is for everybody who may act, letting something
 * happen is for those who answer for it. Approvals are by the gate's own roles instead.
 */
export const PERMISSIONS: Record<Exclude<CommandName, 'approve' | 'reject'>, readonly PersonRole[]> = {
  hold: ACTING,
  incident: ACTING,
  retry: ACTING,
  abort: ['ceo', 'engineering_lead', 'release_manager', 'on_call', 'operator'],
  resume: ['engineering_lead', 'release_manager', 'on_call', 'operator'],
  replan: ['engineering_lead', 'release_manager', 'operator'],
  skip: ['engineering_lead', 'release_manager', 'operator'],
  rollback: ['ceo', 'engineering_lead', 'release_manager', 'on_call', 'operator'],
  extend_monitoring: ['engineering_lead', 'release_manager', 'qa', 'on_call', 'operator'],
  end_monitoring: ['engineering_lead', 'on_call', 'operator'],
  dismiss: ['engineering_lead', 'on_call', 'operator'],
  edit_notes: ['release_manager'],
  restore_database: ['ceo', 'engineering_lead', 'on_call'],
};

/** Commands that must say why: somebody will read it when it was wrong. */
export const NEEDS_COMMENT: readonly CommandName[] = [
  'reject',
  'skip',
  'end_monitoring',
  'dismiss',
  'incident',
  'restore_database',
];

/** Whether somebody with these roles may send the command at all. */
export function mayDo(
  name: Exclude<CommandName, 'approve' | 'reject'>,
  roles: readonly PersonRole[],
): boolean {
  return PERMISSIONS[name].some((role) => roles.includes(role));
}
