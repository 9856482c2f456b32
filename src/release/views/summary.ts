import { withoutControls } from '../plan/printable.ts';
import type { ReleaseRecord } from '../record/record.ts';
import { nameWaiting } from './advice.ts';
import { countBytes, cutBytes } from './markdown.ts';
import { nameOutcome, namePhase } from './words.ts';

const LIMIT = 200;

/** Where the release stands, in one line of at most 200 bytes: for lists and Temporal's summaries. */
export function renderSummary(record: ReleaseRecord): string {
  const waits = nameWaiting(record);
  const where =
    record.outcome === undefined
      ? waits === undefined
        ? namePhase(record.phase)
        : `${namePhase(record.phase)}, waits for ${waits}`
      : `${nameOutcome(record.outcome)}${record.ending ? `: ${record.ending}` : ''}`;
  const line = withoutControls(`${record.title}: ${where}`).replace(/\s+/g, ' ');
  return countBytes(line) <= LIMIT ? line : `${cutBytes(line, LIMIT - 3)}…`;
}
