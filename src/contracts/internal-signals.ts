/** Signals between workflows. People's commands are in `commands.ts`. */
export const INTERNAL_SIGNALS = {
  report: 'report',
  steer: 'steer',
  leaseRequest: 'lease_request',
  leaseRelease: 'lease_release',
  leaseGranted: 'lease_granted',
  /** To a release in flight: from a hotfix, to stop at the next safe point; from the rollback of its version, to end. */
  preempt: 'park',
  /** From a firing of the schedule to the release that was in its way. */
  skipped: 'schedule_skipped',
  takeBack: 'take_back',
  /** To a post-mortem. */
  own: 'own',
  close: 'close',
} as const;
