import { DAY_MS } from '../duration.ts';

/** How long people have, where the configuration says nothing; as `windlass.yaml` writes it. */
export const DEFAULT_TIMES = {
  /** `approvals.remind_after`: then an open gate reminds those whom it asks. */
  remindAfter: '4h',
  /** `approvals.escalate_after`: then the next in line is told too. */
  escalateAfter: '12h',
  /** `approvals.valid_for`: an approval counts for this long. */
  approvalValidFor: '72h',
  /** `severity.high_deadline`: then a high incident goes back by itself. */
  highDeadline: '15m',
  /** `severity.quick_hotfix`: up to this estimate a medium incident waits for its hotfix. */
  quickHotfix: '30m',
} as const;

/** How long a signed command that is no approval may take until it is carried out, in milliseconds. */
export const COMMAND_VALID_MS = DAY_MS;
