/** How a release gets into the released branch. */
export const MERGE_WAYS = ['auto', 'push', 'pull_request'] as const;

export type MergeWay = (typeof MERGE_WAYS)[number];
