import { incidentWorkflowId } from '../../contracts/workflow-ids.ts';
import type { ApiDeps } from '../deps.ts';

/** Writes a report into the ledger: what comes of it may have to go back at once, before anybody starts a rollback. */
export async function noteIncident(
  deps: Pick<ApiDeps, 'ledger'>,
  product: string,
  by: string,
  nonce: string,
): Promise<void> {
  const releaseId = incidentWorkflowId(product);
  await deps.ledger?.append(product, {
    fact: 'started',
    releaseId,
    kind: 'incident',
    by,
    via: 'api',
    nonce,
  });
}
