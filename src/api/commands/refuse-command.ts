/**
 * What can be known of a command before it is signed. The workflow has the final word: it may have moved on since the
 * record was read.
 */
import type { CommandName } from '../../contracts/commands.ts';
import { openGate, PHASES, type ReleaseRecord } from '../../release/record.ts';
import { nameOutcome, namePhase } from '../../release/views/words.ts';

export interface Refused {
  /** Stable, for programs. */
  code: string;
  detail: string;
  hint: string;
}

type Plain = Exclude<CommandName, 'approve' | 'reject'>;

/** Why the command means nothing where the release stands; `undefined` when it may be sent. */
export function refuseCommand(record: ReleaseRecord, name: Plain): Refused | undefined {
  if (record.endedAt !== undefined) return refuseEnded(record);
  switch (name) {
    case 'hold':
      return record.held
        ? refuse('held', `It is held already, by ${record.held.by}.`, 'resume it to go on')
        : undefined;
    case 'resume':
      return record.held ? undefined : refuse('not-held', 'It is not held.', 'nothing needs to be done');
    case 'retry':
    case 'skip':
      return record.waiting?.actions.includes(name)
        ? undefined
        : refuse('nothing-waits', `Nothing waits for a ${name}.`, whatIsPossible(record));
    case 'replan':
      return isPublishing(record) && !isParked(record)
        ? refuse(
            'publishing',
            'Publishing has started: a fix is a new version.',
            'abort, or go on and release a fix',
          )
        : undefined;
    case 'abort':
      return isShipping(record)
        ? refuse(
            'production-changes',
            'Production is changing; it is not left in between.',
            'wait, or ask for a rollback',
          )
        : undefined;
    case 'edit_notes':
      return openGate(record, 'changelog_review')
        ? undefined
        : refuse(
            'gate-not-open',
            'Changelog and notes can be edited during their review only.',
            'replan to review again',
          );
    case 'extend_monitoring':
    case 'end_monitoring':
      return isRunning(record, 'monitoring.window') || isRunning(record, 'production.soak')
        ? undefined
        : refuse('not-monitoring', 'No monitoring window is open.', whatIsPossible(record));
    case 'dismiss':
      return record.waiting?.actions.includes('dismiss') ||
        record.incidents.some((i) => i.resolution === undefined)
        ? undefined
        : refuse('no-incident', 'No incident is open.', whatIsPossible(record));
    case 'restore_database':
      return record.environments.some((environment) => environment.backup !== undefined)
        ? refuseCommand(record, 'rollback')
        : refuse(
            'no-backup',
            'There is no backup of this release that could be restored.',
            whatIsPossible(record),
          );
    case 'rollback':
    case 'incident':
      return isShipping(record)
        ? undefined
        : refuse(
            'nothing-in-production',
            'This release has changed nothing in production that could be taken back.',
            whatIsPossible(record),
          );
  }
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

function refuseEnded(record: ReleaseRecord): Refused {
  const how = record.outcome ? nameOutcome(record.outcome) : 'over';
  return refuse(
    'ended',
    `The release ${record.releaseId} has ended: ${how}.`,
    'start a new release, or look at this one',
  );
}

function whatIsPossible(record: ReleaseRecord): string {
  const actions = record.waiting?.actions ?? [];
  return actions.length > 0
    ? `possible now: ${actions.join(', ')}`
    : 'look at the release: nothing waits for people now';
}

function isPublishing(record: ReleaseRecord): boolean {
  return PHASES.indexOf(record.phase) >= PHASES.indexOf('publish');
}

/** Made room for a hotfix: it goes on by a new plan, whatever it had done. */
function isParked(record: ReleaseRecord): boolean {
  return record.held?.by.startsWith('hotfix/') === true;
}

/** While a production deployment is in flight, its watch over the new version included. */
function isShipping(record: ReleaseRecord): boolean {
  return isRunning(record, 'production.deployment');
}

function isRunning(record: ReleaseRecord, id: string): boolean {
  return record.steps.some(
    (step) => step.status === 'running' && (step.id === id || step.id.startsWith(`${id}`)),
  );
}

function refuse(code: string, detail: string, hint: string): Refused {
  return { code, detail, hint };
}
