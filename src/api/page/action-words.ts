import { COMMANDS, type CommandName } from '../../release/commands/command-table.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import type { Action } from '../commands/list-actions.ts';

/** What a command's button says, and what its confirmation says that it does. */
export function wordAction(command: CommandName): { button: string; does: string; danger?: true } {
  return COMMANDS[command].page;
}

/** What a button says: with the gate where there is one. */
export function labelAction(action: Pick<Action, 'command' | 'gate'>): string {
  const { button } = wordAction(action.command);
  return action.gate === undefined ? button : `${button}: ${action.gate.replaceAll('_', ' ')}`;
}

/** The environment that a command is about, for its confirmation; `undefined` where it is about none. */
export function environmentOf(
  record: ReleaseRecord,
  action: Pick<Action, 'command' | 'gate'>,
): string | undefined {
  const kind =
    action.gate === 'staging_sign_off'
      ? 'staging'
      : COMMANDS[action.command].about === 'production' ||
          ['go_live', 'hotfix', 'freeze_override'].includes(action.gate ?? '')
        ? 'production'
        : undefined;
  if (kind === undefined) return undefined;
  const names = record.environments
    .filter((environment) => environment.kind === kind)
    .map((environment) => environment.name);
  return names.length > 0 ? names.join(', ') : kind;
}
