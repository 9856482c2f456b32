import { patched } from '@temporalio/workflow';
import type { ReleaseRecord } from '../../release/record/record.ts';

/** The format in which this run keeps its record: one that began before there was another goes on in its own. */
export function timelineFormat(): ReleaseRecord['format'] {
  if (patched('timeline-data')) return 3;
  return patched('timeline-facts') ? 2 : 1;
}
