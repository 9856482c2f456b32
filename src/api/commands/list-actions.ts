import type { CommandName } from '../../contracts/commands.ts';
import type { ReleaseRecord } from '../../release/record.ts';
import type { PersonRole } from '../../release/settings.ts';
import type { Principal } from '../auth/principal.ts';
import { chooseRole, refuseByRules } from './choose-role.ts';
import { mayDo, NEEDS_COMMENT, PERMISSIONS } from './permissions.ts';
import { refuseCommand } from './refuse-command.ts';

/** A button that this person may press now. */
export interface Action {
  command: CommandName;
  gate?: string;
  role?: PersonRole;
  needsComment: boolean;
}

/** What the person may do where the release stands. What they may not do is not listed. */
export function listActions(record: ReleaseRecord, principal: Principal, now: Date): Action[] {
  if (record.endedAt !== undefined) return listAfterwards(record, principal);
  return [...listDecisions(record, principal, now), ...listCommands(record, principal)];
}

function listDecisions(record: ReleaseRecord, principal: Principal, now: Date): Action[] {
  return record.approvals.flatMap((gate): Action[] => {
    if (gate.status !== 'open') return [];
    const role = chooseRole(gate, principal.roles, undefined);
    if (role === undefined) return [];
    return (['approve', 'reject'] as const)
      .filter((decision) => !refuseByRules(gate, { decision, person: principal.name, role }, now))
      .map((command) => ({ command, gate: gate.key, role, needsComment: NEEDS_COMMENT.includes(command) }));
  });
}

function listCommands(record: ReleaseRecord, principal: Principal): Action[] {
  const names = Object.keys(PERMISSIONS) as (keyof typeof PERMISSIONS)[];
  return names
    .filter((name) => mayDo(name, principal.roles) && !refuseCommand(record, name))
    .map((command) => ({ command, needsComment: NEEDS_COMMENT.includes(command) }));
}

/** What is live can be taken back, and reported, for as long as it is. */
function listAfterwards(record: ReleaseRecord, principal: Principal): Action[] {
  if (record.outcome !== 'released' || !record.environments.some((one) => one.kind === 'production'))
    return [];
  return (['rollback', 'incident'] as const)
    .filter((name) => mayDo(name, principal.roles))
    .map((command) => ({ command, needsComment: NEEDS_COMMENT.includes(command) }));
}
