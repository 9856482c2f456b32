import type { ReleaseRecord } from '../record.ts';

export type Occasion =
  | { occasion: 'blocked' | 'failed'; step: string }
  | { occasion: 'approval_wanted' | 'reminder'; gate: string }
  | { occasion: 'complete' | 'rolled_back' | 'aborted' | 'replanned' };

/** What people are told. `id` is stable within a release's round. */
export function renderNotification(
  record: ReleaseRecord,
  occasion: Occasion,
): { id: string; subject: string; text: string } {
  const about = 'step' in occasion ? occasion.step : 'gate' in occasion ? occasion.gate : '';
  return {
    id: `${occasion.occasion}/${about}`,
    subject: `${record.title}: ${occasion.occasion}`,
    text: record.ending ?? about,
  };
}
