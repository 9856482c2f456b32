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
  /** `workers.shutdown_grace`: how long work may go on once a worker was asked to stop. */
  shutdownGrace: '20s',
  /** `registries.NAME.timeout`: one call of a team's own registry program. */
  registryProgram: '10m',
  /** `canary`: how long the first shares of the traffic are watched; the whole of it is monitoring's. */
  soak: '15m',
  noSoak: '0s',
} as const;

/** How long a signed command that is no approval may take until it is carried out, in milliseconds. */
export const COMMAND_VALID_MS = DAY_MS;

/** How long each script may take where the configuration says nothing, in milliseconds. */
export const SCRIPT_TIMEOUTS_MS = {
  build: 15 * 60_000,
  test: 30 * 60_000,
  e2e: 30 * 60_000,
  load: 30 * 60_000,
  profile: 30 * 60_000,
  container: 30 * 60_000,
  backup: 60 * 60_000,
  deploy: 10 * 60_000,
  migrate: 30 * 60_000,
  verify: 5 * 60_000,
  smoke: 5 * 60_000,
  traffic: 60_000,
  rollback: 10 * 60_000,
  restore: 60 * 60_000,
  status: 30_000,
  check: 30_000,
  gate: 30 * 60_000,
} as const;

/** How long one call of what is outside may take, in milliseconds. */
export const LIMITS_MS = {
  /** A request to a host, a registry, a channel, a source of metrics, the API. */
  request: 30_000,
  /** What moves bytes over a network: a blob, an object of the store, a fetch or push of git. */
  transfer: 10 * 60_000,
  /** A question to git about what is on this machine. */
  localGit: 2 * 60_000,
  /** Packing what no ref reaches in a mirror; less than others wait for its lock. */
  gitPacking: 5 * 60_000,
  /** `npm pack`, `npm sbom`. */
  pack: 120_000,
  /** One check's answer: the others do not wait longer for it. */
  look: 15_000,
  /** One question to a source of metrics over the network. */
  question: 10_000,
  /** Whether a channel answers, asked before it is needed. */
  channelProbe: 15_000,
  /** What time it is elsewhere. */
  clockProbe: 5_000,
} as const;
