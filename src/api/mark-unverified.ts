import type { Ledger } from '../integrations/ledger/ledger.ts';
import { findStart } from '../release/ledger/find-start.ts';
import { factsOf } from '../release/ledger/questions.ts';
import { type FlowKind, recordKind } from './flows.ts';
import type { CurrentRelease, WorkflowGateway } from './gateway.ts';

/**
 * A gateway that says of each run in flight whether the ledger knows it. Anybody who reaches the Temporal namespace can
 * run a workflow under a product's ids, which shows people whatever it likes.
 */
export function markUnverified(gateway: WorkflowGateway, ledger: Ledger): WorkflowGateway {
  return {
    ...gateway,
    readCurrent: async (product, kind = 'release') => {
      const current = await gateway.readCurrent(product, kind);
      if (!current?.open) return current;
      const unverified = await findDoubt(ledger, product, kind, current);
      return unverified === undefined ? current : { ...current, unverified };
    },
  };
}

/** Why a run is not to be believed, as a sentence; undefined where nothing stands against it. */
async function findDoubt(
  ledger: Ledger,
  product: string,
  kind: FlowKind,
  { record, firstRunId }: CurrentRelease,
): Promise<string | undefined> {
  const { releaseId } = record;
  // What the calendar starts is written down by the first worker that looks at it.
  if (record.plan === undefined && record.approvals.length === 0) return undefined;
  const entries = await ledger.read(product).catch((error: Error) => error.message);
  // Who may end it must see it all the same.
  if (typeof entries === 'string')
    return `The ledger cannot be read, so nothing is known of ${releaseId}: ${entries}`;
  const { begun, ended } = factsOf(entries, releaseId);
  const started = findStart(entries, releaseId, recordKind(kind) === 'rollback', Date.now());
  if (started === undefined) return `Nobody started ${releaseId} through this API or its calendar`;
  if (ended !== undefined) return `${releaseId} has ended: ${ended.outcome}`;
  const isOther =
    firstRunId !== undefined && begun.length > 0 && !begun.some(({ runId }) => runId === firstRunId);
  return isOther ? `${releaseId} was started as another run than this one` : undefined;
}
