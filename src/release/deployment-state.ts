/** How a deployment stands, as a host shows it. `inactive`: it ran, and another version has its place. */
export const DEPLOYMENT_STATES = ['queued', 'in_progress', 'success', 'failure', 'inactive'] as const;

export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];
