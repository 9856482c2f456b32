/**
 * Workflow ids are locks: Temporal runs one workflow of an id at a time, so "one release of a product in flight"
 * is the id `release/<product>` and nothing else.
 */
export function releaseWorkflowId(product: string): string {
  return `release/${product}`;
}

/** The one hotfix of a product that may run. */
export function hotfixWorkflowId(product: string): string {
  return `hotfix/${product}`;
}

/** The one rollback of an environment that may run. */
export function rollbackWorkflowId(product: string, environment: string): string {
  return `rollback/${product}/${environment}`;
}

/** The one that takes the lease of an environment over while another rollback waits for that lease. */
export function takeOverWorkflowId(product: string, environment: string): string {
  return `${rollbackWorkflowId(product, environment)}/takes-over`;
}

/** The rollback of a version that is long live: one of a product at a time. */
export function rollBackProductWorkflowId(product: string): string {
  return `rollback/${product}`;
}

/** The one deployment of a released version to an environment that may run. */
export function deployVersionWorkflowId(product: string, environment: string): string {
  return `deploy/${product}/${environment}`;
}

/** The one monitoring of a product alone that may run. */
export function monitorProductWorkflowId(product: string): string {
  return `monitor/${product}`;
}

/** The one run of a product’s gates alone that may run. */
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

/** The windows of a deployment. */
export function monitoringWorkflowId(deploymentId: string): string {
  return deploymentId.replace(/^[a-z]+\//, 'monitoring/');
}

/** The lock of an environment. */
export function environmentWorkflowId(product: string, environment: string): string {
  return `environment/${product}/${environment}`;
}

/** What a product’s schedule starts; Temporal appends the time. */
export function calendarWorkflowId(product: string): string {
  return `calendar/${product}`;
}

/** What looks for changes of an environment's calendar while that run waits for it. */
export function calendarWatchWorkflowId(product: string, environment: string, runId: string): string {
  return `calendar-watch/${product}/${environment}/${runId}`;
}

/** Where incidents of a product are reported while nothing is watched. */
export function incidentWorkflowId(product: string): string {
  return `incident/${product}`;
}

/** The post-mortem of one release. */
export function postMortemWorkflowId(product: string, releaseId: string): string {
  return `post-mortem/${product}/${releaseId}`;
}

/** The one preflight of a product that may run; who asks meanwhile gets its answer. */
export function preflightWorkflowId(product: string): string {
  return `preflight/${product}`;
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
  calendarWatch: 'calendarWatch',
  incident: 'incident',
  postMortem: 'postMortem',
  deployVersion: 'deployVersion',
  rollBackProduct: 'rollBackProduct',
  monitorProduct: 'monitorProduct',
  checkGates: 'checkGates',
  preflight: 'preflight',
} as const;
