import type { NewReceipt } from '../../contracts/activities.ts';
import type { ReleaseRun } from './release-run.ts';

/** Puts the proofs of outside changes into the record. */
export function recordReceipts(run: ReleaseRun, receipts: NewReceipt[]): void {
  for (const receipt of receipts) run.apply({ event: 'receipt', receipt });
}
