/** The workflows that people start and steer through the API. Each product has at most one of a kind at a time. */

import {
  checkGatesWorkflowId,
  deployVersionWorkflowId,
  hotfixWorkflowId,
  monitorProductWorkflowId,
  releaseWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../contracts/workflow-ids.ts';
import type { FlowKind, RunKind } from '../release/names.ts';

export { FLOW_KIND, type FlowKind } from '../release/names.ts';

/** The id under which Temporal runs it, and so the lock that lets only one run. */
export function flowWorkflowId(product: string, kind: FlowKind): string {
  switch (kind) {
    case 'release':
      return releaseWorkflowId(product);
    case 'hotfix':
      return hotfixWorkflowId(product);
    case 'rollback':
      return rollBackProductWorkflowId(product);
    case 'monitoring':
      return monitorProductWorkflowId(product);
    case 'gates':
      return checkGatesWorkflowId(product);
    default:
      return deployVersionWorkflowId(product, kind.slice('deployment-'.length));
  }
}

/** The name under which its workflow is registered. */
export function flowWorkflowType(kind: FlowKind): string {
  switch (kind) {
    case 'release':
      return WORKFLOW_TYPES.release;
    case 'hotfix':
      return WORKFLOW_TYPES.hotfix;
    case 'rollback':
      return WORKFLOW_TYPES.rollBackProduct;
    case 'monitoring':
      return WORKFLOW_TYPES.monitorProduct;
    case 'gates':
      return WORKFLOW_TYPES.checkGates;
    default:
      return WORKFLOW_TYPES.deployVersion;
  }
}

/** Every type that a list shows. */
export const FLOW_TYPES: readonly string[] = [
  WORKFLOW_TYPES.release,
  WORKFLOW_TYPES.hotfix,
  WORKFLOW_TYPES.rollBackProduct,
  WORKFLOW_TYPES.monitorProduct,
  WORKFLOW_TYPES.checkGates,
  WORKFLOW_TYPES.deployVersion,
];

/** Which kind a workflow of this id is. */
export function flowOf(workflowId: string): FlowKind {
  const [head = '', , environment = ''] = workflowId.split('/');
  if (head === 'deploy') return `deployment-${environment}`;
  if (head === 'monitor') return 'monitoring';
  return head === 'hotfix' || head === 'rollback' || head === 'gates' ? head : 'release';
}

/** What an archived record's `kind` is for a flow. */
export function recordKind(kind: FlowKind): RunKind {
  return kind.startsWith('deployment-') ? 'deployment' : (kind as RunKind);
}
