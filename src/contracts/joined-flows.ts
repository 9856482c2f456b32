/** What is waited for that another flow started: results that count only where they come from whom they must. */

export interface JoinedDeployment {
  workflowId: string;
  /** The flow whose child it must be, by its first run; calls from before it was asked do not say. */
  startedBy?: { workflowId: string; runId: string };
}

/** The rollback of a whole product, of which a run in flight was told that it takes its version back. */
export interface JoinedTakeBack {
  workflowId: string;
  /** The first run of that very flow: a later one under its id is about something else. */
  runId: string;
  /** On which the product's own workflows run. */
  taskQueue: string;
}

/** How a flow ended that another waited for. */
export interface HowItEnded {
  outcome: string;
  ending: string;
}

export interface JoinedRollback {
  workflowId: string;
  /**
   * What it must be a rollback of, and the queue on which the product's own workflows run; calls from before it was asked
   * do not say.
   */
  of?: { product: string; environment: string; taskQueue: string };
}
