/** What is waited for that another flow started: results that count only where they come from whom they must. */

export interface JoinedDeployment {
  workflowId: string;
  /** The flow whose child it must be, by its first run; calls from before it was asked do not say. */
  startedBy?: { workflowId: string; runId: string };
}

export interface JoinedRollback {
  workflowId: string;
  /**
   * What it must be a rollback of, and the queue on which the product's own workflows run; calls from before it was asked
   * do not say.
   */
  of?: { product: string; environment: string; taskQueue: string };
}
