import type { ShownState } from '../release/shown-state.ts';

/** How a deployment stands, for the product's host. */
export interface DeploymentOnHost {
  environment: string;
  version: string;
  /** None for a version that is known by its tag. */
  commit?: string;
  /** Which of the release's deployments to the environment it is. */
  round: string;
  state: ShownState;
  /** Of the product's flow that it belongs to, for the link; a release if nothing is said. */
  flow?: string;
}
