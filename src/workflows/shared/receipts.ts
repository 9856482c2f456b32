import type { NewReceipt } from '../../contracts/activities.ts';
import type { ReleaseDesk } from './desk.ts';

/** Puts the proofs of outside changes into the record. */
export function recordReceipts(desk: ReleaseDesk, receipts: NewReceipt[]): void {
  for (const receipt of receipts) desk.apply({ event: 'receipt', receipt });
}
