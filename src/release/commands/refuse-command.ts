import { openGate, type ReleaseRecord } from '../record/record.ts';
import { nameFlow, nameOutcome, namePhase } from '../views/words.ts';
import type { Refused } from './command.ts';
import { COMMANDS, type CommandName, PLAIN_COMMAND_NAMES, type PlainCommandName } from './command-table.ts';
import { nameQuestion } from './question.ts';
import { refuse, whatIsPossible } from './refusals.ts';

/**
 * Why the command means nothing where the run stands; `undefined` when it would be taken. The same answer for the
 * workflow that takes it, the API that signs it, the page that offers it and the advice that names it.
 */
export function refuseCommand(record: ReleaseRecord, name: CommandName): Refused | undefined {
  if (record.endedAt !== undefined) return refuseEnded(record);
  const row = COMMANDS[name];
  if (!row.kinds.includes(record.kind)) {
    return refuse(
      'not-for-this',
      `A ${nameFlow(record)} knows no "${name.replaceAll('_', ' ')}".`,
      whatIsPossible(record),
    );
  }
  return row.refuse(record);
}

/** For an answer to something that is not asked any more: somebody else was faster. */
export function refuseLate(
  record: ReleaseRecord,
  name: CommandName,
  answers: string | undefined,
): Refused | undefined {
  if (answers === undefined) return undefined;
  const asked = nameQuestion(record, name);
  return asked === answers
    ? undefined
    : refuse(
        'answered-before',
        `"${name.replaceAll('_', ' ')}" was for ${answers}; ${asked === undefined ? 'that is over' : `now it would be for ${asked}`}.`,
        'look at the release again, then decide',
      );
}

/** For a gate that is not open: not yet, decided, or never asked for. */
export function refuseGate(record: ReleaseRecord, key: string): Refused | undefined {
  if (record.endedAt !== undefined) return refuseEnded(record);
  if (openGate(record, key)) return undefined;
  const gate = record.approvals.find((candidate) => candidate.key === key);
  const open = record.approvals
    .filter((candidate) => candidate.status === 'open')
    .map((candidate) => candidate.key);
  const hint =
    open.length > 0 ? `open now: ${open.join(', ')}` : 'no gate is open now; you are told when it is';
  if (gate)
    return refuse('gate-decided', `The gate "${key}" is not open any more: it was ${gate.status}.`, hint);
  return refuse(
    'gate-not-open',
    `The gate "${key}" is not open yet (the release is at: ${namePhase(record.phase)}).`,
    hint,
  );
}

/** The commands, decisions about gates aside, that the run would take now. */
export function listPossible(record: ReleaseRecord): PlainCommandName[] {
  return PLAIN_COMMAND_NAMES.filter((name) => refuseCommand(record, name) === undefined);
}

function refuseEnded(record: ReleaseRecord): Refused {
  const how = record.outcome ? nameOutcome(record.outcome) : 'over';
  return refuse(
    'ended',
    `The release ${record.releaseId} has ended: ${how}.`,
    'start a new release, or look at this one',
  );
}
