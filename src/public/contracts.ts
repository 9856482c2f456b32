/** `windlass/contracts`: names and shapes of what crosses a wire, for programs that speak to Temporal themselves. */
export type * from '../contracts/activities.ts';
export * from '../contracts/commands.ts';
export * from '../contracts/failures.ts';
export * from '../contracts/search-attributes.ts';
export * from '../contracts/task-queues.ts';
export * from '../contracts/workflow-ids.ts';
export type * from '../contracts/workflows.ts';
export type { ReleaseRecord } from '../release/record/record.ts';
