/**
 * One row for each command. Signal descriptions, permissions, what the page offers, the API's paths, the command line
 * and the advice all come from here; whether one may be given now is decided here and nowhere else.
 */
import { RUN_KINDS, type RunKind, type VerdictOfPerson } from '../names.ts';
import type { PersonRole } from '../settings.ts';
import type { CommandRow } from './command.ts';
import {
  refuseAbort,
  refuseDismissal,
  refuseEdit,
  refuseHold,
  refuseOutsideProduction,
  refuseOutsideWindow,
  refuseReplan,
  refuseRestore,
  refuseResume,
  refuseUnlessWaiting,
} from './refusals.ts';

/** Everybody who may act at all: stopping is open to them, letting something happen is for those who answer for it. */
const ACTING: readonly PersonRole[] = [
  'ceo',
  'engineering_lead',
  'product_manager',
  'release_manager',
  'qa',
  'on_call',
  'operator',
];

const EVERY = RUN_KINDS;
const SHIPPING: readonly RunKind[] = ['release', 'hotfix', 'deployment'];

const TABLE = {
  approve: {
    does: 'approve an open gate',
    signed: true,
    roles: [],
    kinds: EVERY,
    refuse: () => undefined,
    page: {
      button: 'Approve',
      does: 'Your approval is signed in your name. It counts for exactly this plan and these bytes.',
    },
    advise: (write, gate) => `approve: \`${write('approve', gate)}\`, or the button on its page`,
  },
  reject: {
    does: 'reject an open gate, with a reason',
    signed: true,
    roles: [],
    needsReason: true,
    kinds: EVERY,
    refuse: () => undefined,
    page: { button: 'Reject', does: 'The release waits until what you found is mended.', danger: true },
    advise: (write, gate) => `reject with a reason: \`${write('reject', gate, '--comment WHY')}\``,
  },
  hold: {
    does: 'stop before the next step',
    signed: false,
    roles: ACTING,
    kinds: EVERY,
    refuse: refuseHold,
    page: { button: 'Hold', does: 'It stops before its next step. What runs now is finished first.' },
    path: 'hold',
    cli: { name: 'hold', help: 'Stops the release before its next step; what runs now is finished first.' },
  },
  resume: {
    does: 'go on after a hold',
    signed: true,
    roles: ['engineering_lead', 'release_manager', 'on_call', 'operator'],
    kinds: EVERY,
    refuse: refuseResume,
    page: { button: 'Resume', does: 'It goes on where it was held.' },
    advise: (write) => `go on: \`${write('resume')}\``,
    path: 'resume',
    cli: { name: 'resume', help: 'Lets a held release go on.' },
  },
  retry: {
    does: 'repeat the failed step on the same plan',
    signed: false,
    roles: ACTING,
    kinds: EVERY,
    refuse: (record) => refuseUnlessWaiting(record, 'retry'),
    page: { button: 'Retry', does: 'The step that failed is repeated, on the same plan.' },
    advise: (write) => `mend the cause, then repeat the step: \`${write('retry')}\``,
    path: 'retry',
    cli: { name: 'retry', help: 'Repeats the step that failed, on the same plan and the same bytes.' },
  },
  replan: {
    does: 'take the new tip, void the approvals and start again from the plan',
    signed: true,
    roles: ['engineering_lead', 'release_manager', 'operator'],
    // Only a release has a plan of its own that another tip would change.
    kinds: ['release'],
    refuse: refuseReplan,
    page: {
      button: 'Plan anew',
      does: 'It takes the newest commit. All approvals so far become void.',
      danger: true,
    },
    advise: (write) => `take a newer commit: \`${write('replan')}\``,
    path: 'replan',
    cli: {
      name: 'replan',
      help: 'Takes the newest commit of the release branch, voids all approvals, and starts again from the plan.\nPossible until publishing starts.',
    },
  },
  skip: {
    does: 'go on without the failed step, where policy allows it',
    signed: true,
    roles: ['engineering_lead', 'release_manager', 'operator'],
    needsReason: true,
    kinds: EVERY,
    refuse: (record) => refuseUnlessWaiting(record, 'skip'),
    page: { button: 'Skip', does: 'It goes on without the step that failed.', danger: true },
    advise: (write) => `go on without it, with a reason: \`${write('skip', '--comment WHY')}\``,
    path: 'skip',
    cli: {
      name: 'skip',
      help: 'Goes on without the step that failed, where policy allows it (never build or tests).',
    },
  },
  abort: {
    does: 'end the release and clean up what is not public',
    signed: false,
    roles: ['ceo', 'engineering_lead', 'release_manager', 'on_call', 'operator'],
    kinds: EVERY,
    refuse: refuseAbort,
    page: { button: 'Abort', does: 'It ends here. What is not public is taken back.', danger: true },
    advise: (write) => `end the release and clean up: \`${write('abort')}\``,
    path: 'abort',
    cli: { name: 'abort', help: 'Ends the release, takes back what is not public, and says what remains.' },
  },
  rollback: {
    does: 'put the previous version back into production',
    signed: true,
    roles: ['ceo', 'engineering_lead', 'release_manager', 'on_call', 'operator'],
    kinds: SHIPPING,
    refuse: refuseOutsideProduction,
    page: { button: 'Roll back', does: 'The previous version is put back into production.', danger: true },
    advise: (write) => `put the previous version back: \`${write('rollback')}\``,
    about: 'production',
  },
  incident: {
    does: 'report an incident in production',
    signed: false,
    roles: ACTING,
    needsReason: true,
    kinds: SHIPPING,
    refuse: refuseOutsideProduction,
    page: {
      button: 'Report an incident',
      does: 'By its severity, production may be rolled back.',
      danger: true,
    },
    advise: (write) => `say how bad it is: \`${write('incident', '--severity S --summary WHAT')}\``,
    about: 'production',
  },
  extend_monitoring: {
    does: 'lengthen the monitoring window',
    signed: false,
    roles: ['engineering_lead', 'release_manager', 'qa', 'on_call', 'operator'],
    kinds: [...SHIPPING, 'monitoring'],
    refuse: refuseOutsideWindow,
    page: { button: 'Watch longer', does: 'The monitoring window becomes longer.' },
    about: 'production',
  },
  end_monitoring: {
    does: 'end the monitoring window early, with a reason',
    signed: true,
    roles: ['engineering_lead', 'on_call', 'operator'],
    needsReason: true,
    kinds: [...SHIPPING, 'monitoring'],
    refuse: refuseOutsideWindow,
    page: {
      button: 'End monitoring',
      does: 'The monitoring window ends early; the release goes on.',
      danger: true,
    },
    advise: (write) =>
      `answer for it yourself, with a reason: \`${write('monitoring end', '--comment WHY')}\``,
    about: 'production',
    path: 'monitoring/end',
  },
  dismiss: {
    does: 'dismiss an incident, with a reason',
    signed: true,
    roles: ['engineering_lead', 'on_call', 'operator'],
    needsReason: true,
    kinds: SHIPPING,
    refuse: refuseDismissal,
    page: {
      button: 'Dismiss incident',
      does: 'Production is not rolled back because of it.',
      danger: true,
    },
    advise: (write) =>
      `dismiss the incident, with a reason: \`${write('dismiss', '--comment WHY')}\` (several: \`--incident ID\`)`,
    about: 'production',
    cli: {
      name: 'dismiss',
      help: 'Dismisses an incident: no rollback because of it. Of a medium one, --hotfix-in 20m says that a hotfix is quick\n(or not: a longer one than configuration allows rolls back). Where several are open, --incident ID says which.',
    },
  },
  edit_notes: {
    does: 'replace changelog entry and release notes before the release commit',
    signed: true,
    roles: ['release_manager'],
    kinds: ['release'],
    refuse: refuseEdit,
    page: { button: 'Edit texts', does: 'Your texts go into the release commit.' },
  },
  restore_database: {
    does: 'allow a rollback to restore the database backup',
    signed: true,
    roles: ['ceo', 'engineering_lead', 'on_call'],
    needsReason: true,
    kinds: SHIPPING,
    refuse: refuseRestore,
    page: {
      button: 'Restore database',
      does: 'A rollback may restore the backup: every write since then is lost.',
      danger: true,
    },
    advise: (write) => `let it restore the backup, with a reason: \`${write('restore', '--comment WHY')}\``,
    about: 'production',
    path: 'database/restore',
    cli: {
      name: 'restore',
      help: 'Lets a rollback put the database backup back as well. Every write since the backup is lost.',
    },
  },
} satisfies Record<string, CommandRow>;

export type CommandName = keyof typeof TABLE;

/** Commands other than the decision about a gate, which is for the gate's own roles. */
export type PlainCommandName = Exclude<CommandName, VerdictOfPerson>;

export const COMMANDS: Readonly<Record<CommandName, CommandRow>> = TABLE;

export const COMMAND_NAMES = Object.keys(TABLE) as CommandName[];

export const PLAIN_COMMAND_NAMES = COMMAND_NAMES.filter(isPlain);

/** Whether it is a command of its own, and no decision about a gate. */
export function isPlain(name: CommandName): name is PlainCommandName {
  return name !== 'approve' && name !== 'reject';
}

/** Whether the name is one of a command; anybody can write anything. */
export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(TABLE, name);
}
