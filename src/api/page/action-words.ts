import type { CommandName } from '../../contracts/commands.ts';
import type { ReleaseRecord } from '../../release/record.ts';
import type { Action } from '../commands/list-actions.ts';

interface Words {
  button: string;
  /** Completes "… of Shop 1.3.0 …" in the confirmation. */
  does: string;
  danger?: boolean;
}

const WORDS: Record<CommandName, Words> = {
  approve: {
    button: 'Approve',
    does: 'Your approval is signed in your name. It counts for exactly this plan and these bytes.',
  },
  reject: { button: 'Reject', does: 'The release waits until what you found is mended.', danger: true },
  hold: { button: 'Hold', does: 'It stops before its next step. What runs now is finished first.' },
  resume: { button: 'Resume', does: 'It goes on where it was held.' },
  retry: { button: 'Retry', does: 'The step that failed is repeated, on the same plan.' },
  replan: {
    button: 'Plan anew',
    does: 'It takes the newest commit. All approvals so far become void.',
    danger: true,
  },
  skip: { button: 'Skip', does: 'It goes on without the step that failed.', danger: true },
  abort: { button: 'Abort', does: 'It ends here. What is not public is taken back.', danger: true },
  rollback: { button: 'Roll back', does: 'The previous version is put back into production.', danger: true },
  incident: {
    button: 'Report an incident',
    does: 'By its severity, production may be rolled back.',
    danger: true,
  },
  extend_monitoring: { button: 'Watch longer', does: 'The monitoring window becomes longer.' },
  end_monitoring: {
    button: 'End monitoring',
    does: 'The monitoring window ends early; the release goes on.',
    danger: true,
  },
  dismiss: { button: 'Dismiss incident', does: 'Production is not rolled back because of it.', danger: true },
  edit_notes: { button: 'Edit texts', does: 'Your texts go into the release commit.' },
  restore_database: {
    button: 'Restore database',
    does: 'A rollback may restore the backup: every write since then is lost.',
    danger: true,
  },
};

export function wordAction(command: CommandName): Words {
  return WORDS[command];
}

/** What a button says: with the gate where there is one. */
export function labelAction(action: Pick<Action, 'command' | 'gate'>): string {
  const { button } = WORDS[action.command];
  return action.gate === undefined ? button : `${button}: ${action.gate.replaceAll('_', ' ')}`;
}

const PRODUCTION: readonly CommandName[] = [
  'rollback',
  'incident',
  'restore_database',
  'extend_monitoring',
  'end_monitoring',
  'dismiss',
];

/** The environment that a command is about, for its confirmation; `undefined` where it is about none. */
export function environmentOf(
  record: ReleaseRecord,
  action: Pick<Action, 'command' | 'gate'>,
): string | undefined {
  const kind =
    action.gate === 'staging_sign_off'
      ? 'staging'
      : PRODUCTION.includes(action.command) ||
          ['go_live', 'hotfix', 'freeze_override'].includes(action.gate ?? '')
        ? 'production'
        : undefined;
  if (kind === undefined) return undefined;
  const names = record.environments
    .filter((environment) => environment.kind === kind)
    .map((environment) => environment.name);
  return names.length > 0 ? names.join(', ') : kind;
}
