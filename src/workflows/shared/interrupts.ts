/** Thrown through the phases: the run leaves its way, and nobody is asked what to do. Always caught by the workflow. */
export abstract class Interrupt extends Error {}

/** Somebody asked for it, with a reason. */
export abstract class AskedFor extends Interrupt {
  readonly by: string;
  readonly reason: string;
  /** `what`: what became of the run, before "by". */
  constructor(what: string, by: string, reason: string) {
    super(`${what} by ${by}: ${reason}`);
    this.by = by;
    this.reason = reason;
  }
}

/** People end a release. */
export class AbortRequested extends AskedFor {
  constructor(by: string, reason: string) {
    super('aborted', by, reason);
  }
}

/** People ask for a new plan. */
export class ReplanRequested extends AskedFor {
  constructor(by: string, reason: string) {
    super('replanned', by, reason);
  }
}

/** A rollback of its own takes the version back, and does all that follows from it. */
export class TakenBack extends AskedFor {
  /** Of the rollback; those from before it was asked do not say. */
  readonly runId: string | undefined;
  constructor({ by, reason, runId }: { by: string; reason: string; runId?: string }) {
    super('taken back', by, reason);
    this.runId = runId;
  }
}

/** Another version went live while a deployment waited: nothing was changed, and people are asked anew. */
export class ReplacedMeanwhile extends Interrupt {
  /** What runs there now. */
  readonly runs: string;
  constructor(reason: string, runs: string) {
    super(reason);
    this.runs = runs;
  }
}

/** The release was taken back from production; nothing of the normal way remains to be done. */
export class RolledBack extends Interrupt {
  readonly helped: boolean;
  constructor(reason: string, helped: boolean) {
    super(reason);
    this.helped = helped;
  }
}
