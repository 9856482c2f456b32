/** Thrown through the phases when people end a release or ask for a new plan. Always caught by the workflow. */
export class AbortRequested extends Error {
  readonly by: string;
  readonly reason: string;
  constructor(by: string, reason: string) {
    super(`aborted by ${by}: ${reason}`);
    this.by = by;
    this.reason = reason;
  }
}

export class ReplanRequested extends Error {
  readonly by: string;
  readonly reason: string;
  constructor(by: string, reason: string) {
    super(`replanned by ${by}: ${reason}`);
    this.by = by;
    this.reason = reason;
  }
}

/** Another version went live while a deployment waited: nothing was changed, and people are asked anew. */
export class ReplacedMeanwhile extends Error {
  /** What runs there now. */
  readonly runs: string;
  constructor(reason: string, runs: string) {
    super(reason);
    this.runs = runs;
  }
}

/** A rollback of its own takes the version back, and does all that follows from it. */
export class TakenBack extends Error {
  readonly by: string;
  readonly reason: string;
  constructor(by: string, reason: string) {
    super(`taken back by ${by}: ${reason}`);
    this.by = by;
    this.reason = reason;
  }
}

/** The release was taken back from production; nothing of the normal way remains to be done. */
export class RolledBack extends Error {
  readonly helped: boolean;
  constructor(reason: string, helped: boolean) {
    super(reason);
    this.helped = helped;
  }
}
