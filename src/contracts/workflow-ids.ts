/**
 * Workflow ids are locks: Temporal runs one workflow of an id at a time, so "one release of a product in flight"
 * is the id `release/<product>` and nothing else.
 */
export function releaseWorkflowId(product: string): string {
  return `release/${product}`;
}

export function hotfixWorkflowId(product: string): string {
  return `hotfix/${product}`;
}

export function rollbackWorkflowId(product: string, environment: string): string {
  return `rollback/${product}/${environment}`;
}

/** The rollback of a version that is long live: one of a product at a time. */
export function rollBackProductWorkflowId(product: string): string {
  return `rollback/${product}`;
}

export function deployVersionWorkflowId(product: string, environment: string): string {
  return `deploy/${product}/${environment}`;
}

export function monitorProductWorkflowId(product: string): string {
  return `monitor/${product}`;
}

export function checkGatesWorkflowId(product: string): string {
  return `gates/${product}`;
}

/** `round` counts the tries of one release, so that a retry after a rollback is a deployment of its own. */
export function deploymentWorkflowId(
  product: string,
  environment: string,
  releaseId: string,
  round: number,
): string {
  return `deployment/${product}/${environment}/${releaseId}/${round}`;
}

export function monitoringWorkflowId(deploymentId: string): string {
  return deploymentId.replace(/^[a-z]+\//, 'monitoring/');
}

export function environmentWorkflowId(product: string, environment: string): string {
  return `environment/${product}/${environment}`;
}

export function calendarWorkflowId(product: string): string {
  return `calendar/${product}`;
}

export function incidentWorkflowId(product: string): string {
  return `incident/${product}`;
}

export function postMortemWorkflowId(product: string, releaseId: string): string {
  return `post-mortem/${product}/${releaseId}`;
}

/** The names under which workflow functions are registered. */
export const WORKFLOW_TYPES = {
  release: 'release',
  hotfix: 'hotfix',
  rollback: 'rollback',
  deployment: 'deployment',
  monitoring: 'monitoring',
  environment: 'environment',
  calendar: 'calendar',
  incident: 'incident',
  postMortem: 'postMortem',
  deployVersion: 'deployVersion',
  rollBackProduct: 'rollBackProduct',
  monitorProduct: 'monitorProduct',
  checkGates: 'checkGates',
} as const;
