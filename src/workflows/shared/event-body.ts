import type { RecordEvent } from '../../release/record/record-event.ts';

/** Any event without its time: the run stamps it with the workflow's clock. */
export type EventBody = RecordEvent extends infer E
  ? E extends { at: string }
    ? Omit<E, 'at'>
    : never
  : never;
