/**
 * What steers a run: what people asked of it and what it may do now. Part of its record, changed only by events, so
 * that nobody has to guess what the workflow would take. None of these events has a sentence in the timeline of its
 * own: the command or the step that brought it has one.
 */

/** Who asked for something, and why. */
export interface Asked {
  by: string;
  reason: string;
}

/** What a person chose for a step that failed. */
export interface Choice extends Asked {
  kind: 'retry' | 'skip' | 'rollback';
}

/** Texts that the reviewer wrote instead of the generated ones, by their digests in the store. */
export interface TextEdit {
  by: string;
  changelog?: string;
  notes?: string;
  /** The reviewer's own command, by which the writer's worker knows that it is no one else's edit. */
  signed?: { signed: string; keyId: string; signature: string };
}

/** The workflow to which commands about production, holds and lengths of windows are handed on. */
export interface RunningDeployment {
  workflowId: string;
  /** Whether it is a change of production: a rollback, an incident, a restore is for it. */
  production: boolean;
  /** A window that is watched alone, without a deployment: nothing can be put back. */
  watchOnly?: true;
  /** Deployments to other environments at the same time: they hear the same. */
  beside?: string[];
}

/** What runs with one more deployment. */
export function joinDeployment(
  running: RunningDeployment | undefined,
  workflowId: string,
  production: boolean,
): RunningDeployment {
  if (!running) return { workflowId, production };
  const beside = [...(running.beside ?? []), workflowId];
  return { ...running, production: running.production || production, beside };
}

/** What still runs when one has ended. */
export function leaveDeployment(
  running: RunningDeployment | undefined,
  workflowId: string,
): RunningDeployment | undefined {
  if (!running) return undefined;
  const { beside = [], ...rest } = running;
  const [first, ...others] = [running.workflowId, ...beside].filter((one) => one !== workflowId);
  if (first === undefined) return undefined;
  return { ...rest, workflowId: first, ...(others.length === 0 ? {} : { beside: others }) };
}

export interface RunControl {
  abort?: Asked;
  replan?: Asked;
  /** The step that asks what to do about its failure. Another that failed at the same time asks after it. */
  asking?: string;
  /** The answer for the step that waits, until the step takes it. */
  choice?: Choice;
  edit?: TextEdit;
  /** That the window that is watched alone ends early. */
  endWindow?: Asked;
  /** Why it cannot be aborted, or planned anew, now: it has passed a point of no return. */
  noAbort?: string;
  noReplan?: string;
  /** The hotfix that has right of way: afterwards this run is planned anew or aborted, never resumed. */
  preemptedBy?: string;
  /** The rollback that takes this run's version back while it is being tidied up: it ends then. */
  takenBack?: Asked & { runId?: string };
  deployment?: RunningDeployment;
  /** The rollback that failed and waits to be retried: a retry is for it, not for the step that waits for it. */
  stuckRollback?: string;
  /** Release branches that were pushed, or begun to be: an abort takes them back, whichever plan they are of. */
  pushed: { branch: string; commit: string }[];
  /** Deployments begun so far: each try is one of its own, with its own effect keys. */
  deployments: number;
}

type Parts = Omit<RunControl, 'pushed' | 'deployments'>;

/** What can be given to a run and taken back from it, by name. */
export type Settable = keyof Parts;

export type ControlEvent =
  | {
      [K in Settable]-?: { event: 'control_set'; name: K; value: NonNullable<Parts[K]> };
    }[Settable]
  | { event: 'control_cleared'; name: Settable }
  | { event: 'branch_noted'; branch: string; commit: string }
  | { event: 'branches_forgotten' }
  | { event: 'deployment_counted' };

/** A run that nobody has asked anything of. */
export function openControl(): RunControl {
  return { pushed: [], deployments: 0 };
}

/** The control after the event. */
export function changeControl(control: RunControl, event: ControlEvent): RunControl {
  switch (event.event) {
    case 'control_set':
      return { ...control, [event.name]: event.value };
    case 'control_cleared': {
      const { [event.name]: _cleared, ...rest } = control;
      return rest as RunControl;
    }
    case 'branch_noted':
      return { ...control, pushed: [...control.pushed, { branch: event.branch, commit: event.commit }] };
    case 'branches_forgotten':
      return { ...control, pushed: [] };
    case 'deployment_counted':
      return { ...control, deployments: control.deployments + 1 };
  }
}
