/** When a command means nothing: the conditions of the table's rows, as sentences for people. */

import { listOpen, refuseToAnswer } from '../incidents.ts';
import { openGate, type ReleaseRecord } from '../record/record.ts';
import type { Refused } from './command.ts';
import type { CommandName } from './command-table.ts';

/** It is held already. */
export function refuseHold(record: ReleaseRecord): Refused | undefined {
  return record.held
    ? refuse('held', `It is held already, by ${record.held.by}.`, 'resume it to go on')
    : undefined;
}

/** It is not held, or it may not simply go on. */
export function refuseResume(record: ReleaseRecord): Refused | undefined {
  if (!record.held) return refuse('not-held', 'It is not held.', 'nothing needs to be done');
  const first = record.control?.preemptedBy;
  return first === undefined
    ? undefined
    : refuse(
        'hotfix-first',
        `${first} went first: its base is not the newest any more.`,
        'replan, so that the release contains it, or abort',
      );
}

/** Nothing waits for this answer. */
export function refuseUnlessWaiting(record: ReleaseRecord, answer: 'retry' | 'skip'): Refused | undefined {
  return record.waiting?.actions.includes(answer)
    ? undefined
    : refuse('nothing-waits', `Nothing waits for a ${answer}.`, whatIsPossible(record));
}

/** The run has passed the point up to which another plan may replace this one. */
export function refuseReplan(record: ReleaseRecord): Refused | undefined {
  const why = record.control?.noReplan;
  // What made room for a hotfix goes on by a new plan even when its version was published: it takes another one.
  return why === undefined || record.control?.preemptedBy !== undefined
    ? undefined
    : refuse('publishing', sentence(why), 'abort, or go on and release a fix');
}

/** Something changes that is not left in between. */
export function refuseAbort(record: ReleaseRecord): Refused | undefined {
  const why = record.control?.noAbort;
  return why === undefined
    ? undefined
    : refuse('production-changes', sentence(why), 'wait until it is over, or ask for a rollback');
}

/** Nothing is being reviewed. */
export function refuseEdit(record: ReleaseRecord): Refused | undefined {
  return openGate(record, 'changelog_review')
    ? undefined
    : refuse(
        'gate-not-open',
        'Changelog and notes can be edited during their review only.',
        'replan to review again',
      );
}

/** No deployment of this run is in flight in production, its watch over the new version included. */
export function refuseOutsideProduction(record: ReleaseRecord): Refused | undefined {
  const canGoBack = record.waiting?.actions.includes('rollback');
  return record.control?.deployment?.production || canGoBack
    ? undefined
    : refuse(
        'nothing-in-production',
        'This release has changed nothing in production that could be taken back.',
        whatIsPossible(record),
      );
}

/** Nothing is being measured. */
export function refuseOutsideWindow(record: ReleaseRecord): Refused | undefined {
  const open = record.steps.some(
    (step) =>
      step.status === 'running' &&
      (step.id === 'monitoring.window' || step.id.startsWith('production.soak_')),
  );
  const { deployment } = record.control ?? {};
  return open && (deployment?.production || deployment?.watchOnly)
    ? undefined
    : refuse('not-monitoring', 'No monitoring window is open.', whatIsPossible(record));
}

/** No incident waits. */
export function refuseDismissal(record: ReleaseRecord): Refused | undefined {
  const open =
    record.waiting?.actions.includes('dismiss') ||
    record.incidents.some((one) => one.resolution === undefined && one.goingSince === undefined);
  return open && record.control?.deployment?.production
    ? undefined
    : refuse('no-incident', 'No incident is open.', whatIsPossible(record));
}

/** It names an incident that is not open, or could be meant for several. */
export function refuseAnswer(
  record: ReleaseRecord,
  name: CommandName,
  incidentId: string | undefined,
): Refused | undefined {
  // What asks may be no incident: a database that the version before may not be able to use.
  const isAnswer = name === 'dismiss' && (incidentId !== undefined || listOpen(record.incidents).length > 1);
  if (!isAnswer && (name !== 'incident' || incidentId === undefined)) return undefined;
  const why = refuseToAnswer(record.incidents, incidentId);
  return why === undefined
    ? undefined
    : refuse('which-incident', sentence(why), 'name one that is open: --incident ID');
}

/** There is nothing that could be restored, or nothing that would. */
export function refuseRestore(record: ReleaseRecord): Refused | undefined {
  return record.environments.some((environment) => environment.backup !== undefined)
    ? refuseOutsideProduction(record)
    : refuse(
        'no-backup',
        'There is no backup of this release that could be restored.',
        whatIsPossible(record),
      );
}

/** What people may do instead, for the end of a refusal. */
export function whatIsPossible(record: ReleaseRecord): string {
  const actions = record.waiting?.actions ?? [];
  return actions.length > 0
    ? `possible now: ${actions.join(', ')}`
    : 'look at the release: nothing waits for people now';
}

/** A refusal in its three parts. */
export function refuse(code: string, detail: string, hint: string): Refused {
  return { code, detail, hint };
}

function sentence(text: string): string {
  const clean = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(clean) ? clean : `${clean}.`;
}
