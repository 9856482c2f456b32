import { COMMANDS, type CommandName, type PlainCommandName } from '../../release/commands/command-table.ts';
import type { Permissions } from '../../release/commands/permissions.ts';
import { mayDo } from '../../release/commands/permissions.ts';
import { nameQuestion } from '../../release/commands/question.ts';
import { listPossible } from '../../release/commands/refuse-command.ts';
import { VERDICTS_OF_PEOPLE } from '../../release/names.ts';
import { isLive } from '../../release/record/is-live.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import type { PersonRole } from '../../release/settings.ts';
import type { Principal } from '../auth/principal.ts';
import { chooseRole, refuseByRules } from './choose-role.ts';

/** A button that this person may press now. */
export interface Action {
  command: CommandName;
  gate?: string;
  role?: PersonRole;
  needsComment: boolean;
  /** What it would answer: sent back with the command, it is refused when that is not asked any more. */
  answers?: string;
}

/**
 * What the person may do where the release stands. What they may not do is not listed.
 * @param runs what production runs by now, of a release that has ended: what is gone is not taken back once more
 */
export function listActions(
  record: ReleaseRecord,
  principal: Principal,
  permissions: Permissions,
  now: Date,
  runs: readonly string[] = [],
): Action[] {
  if (record.endedAt !== undefined) return listAfterwards(record, principal, permissions, runs);
  return [...listDecisions(record, principal, now), ...listCommands(record, principal, permissions)];
}

function listDecisions(record: ReleaseRecord, principal: Principal, now: Date): Action[] {
  return record.approvals.flatMap((gate): Action[] => {
    if (gate.status !== 'open') return [];
    const role = chooseRole(gate, principal.roles, undefined);
    if (role === undefined) return [];
    return VERDICTS_OF_PEOPLE.filter(
      (decision) => !refuseByRules(gate, { decision, person: principal.name, role }, now),
    ).map((command) => ({ command, gate: gate.key, role, needsComment: needsComment(command) }));
  });
}

function listCommands(record: ReleaseRecord, principal: Principal, permissions: Permissions): Action[] {
  // What is live and only being tagged and offered goes back as what is long live does.
  const also: PlainCommandName[] =
    isLive(record) && !record.control?.deployment?.production ? ['rollback', 'incident'] : [];
  const names = [...new Set([...listPossible(record), ...also])];
  return offer(names, principal, permissions).map((action) => {
    const answers = nameQuestion(record, action.command);
    return answers === undefined ? action : { ...action, answers };
  });
}

/** What is live can be taken back, and reported, for as long as it is. */
function listAfterwards(
  record: ReleaseRecord,
  principal: Principal,
  permissions: Permissions,
  runs: readonly string[],
): Action[] {
  if (record.outcome !== 'released' || !record.environments.some((one) => one.kind === 'production'))
    return [];
  if (runs.length > 0 && !runs.includes(record.plan?.version ?? '')) return [];
  return offer(['rollback', 'incident'], principal, permissions);
}

function offer(names: readonly PlainCommandName[], principal: Principal, permissions: Permissions): Action[] {
  return names
    .filter((name) => mayDo(permissions, name, principal.roles))
    .map((command) => ({ command, needsComment: needsComment(command) }));
}

function needsComment(command: CommandName): boolean {
  return COMMANDS[command].needsReason === true;
}
