/**
 * The record as the API shows it. Loose, and with words instead of closed lists: a release that a newer workflow runs
 * may have more in it than this API knows, and must be seen all the same.
 */
import { z } from 'zod';
import { GATE_KEYS } from '../../release/approvals.ts';
import { COMMAND_NAMES } from '../../release/commands/command-table.ts';
import { PHASES, type ReleaseRecord, type TimelineEntry } from '../../release/record/record.ts';
import { describeEntry } from '../../release/record/timeline/describe-event.ts';
import { DEFAULT_ROLES } from '../../release/settings.ts';
import { role, time } from './common.ts';

const command = z.enum(COMMAND_NAMES as [string, ...string[]]);
/** A word of which these are known. */
const word = (known: string) => z.string().describe(known);
const phase = word(PHASES.join(', '));
const anyRole = word(`${DEFAULT_ROLES.join(', ')}, or a role of the installation`);
const storeRef = z.looseObject({ digest: z.string(), bytes: z.number() });
const stepStatus = word('running, done, failed, skipped, not_configured, waiting');

const step = z.looseObject({
  id: z.string(),
  title: z.string(),
  phase: phase,
  status: stepStatus,
  startedAt: time,
  endedAt: time.optional(),
  attempts: z.number().int(),
  detail: z.string().optional(),
  failure: z
    .looseObject({
      type: z.string(),
      what: z.string(),
      changed: z.string(),
      next: z.string(),
      logTail: z.string().optional(),
      log: z.string().optional(),
    })
    .optional(),
  logs: z.array(storeRef).optional(),
});

const decision = z.looseObject({
  gate: z.string(),
  decision: word('approve, reject'),
  person: z.string(),
  role: anyRole,
  reason: z.string().optional(),
  at: time,
  validUntil: time,
});

const gate = z.looseObject({
  key: word(GATE_KEYS.join(', ')),
  title: z.string(),
  subject: z.string(),
  required: z.array(anyRole),
  status: word('open, approved, rejected, void'),
  openedAt: time,
  closedAt: time.optional(),
  decisions: z.array(decision),
  reminders: z.number().int(),
});

const plan = z.looseObject({
  type: word('major, minor, patch, hotfix'),
  version: z.string(),
  previousVersion: z.string().optional(),
  tag: z.string(),
  planHash: z.string(),
  highlights: z.string(),
  changelog: storeRef,
  notes: storeRef,
  included: z.array(z.looseObject({ sha: z.string(), subject: z.string(), type: z.string() })),
  includedTotal: z.number().int(),
  warnings: z.array(z.string()),
  concerns: z.array(z.string()),
});

export const timelineEntry = z.looseObject({
  at: time,
  event: z.string().optional().describe('What happened, for programs; not in records of format 1'),
  data: z.looseObject({}).optional().describe("The event's fields, for programs; few before format 3"),
  what: z.string().describe('What happened, for people; no part of the chain from format 3 on'),
  by: z.string().optional(),
  link: z.string(),
});

export const releaseRecord = z
  .looseObject({
    format: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    kind: word('release, hotfix, rollback …'),
    releaseId: z.string(),
    product: z.string(),
    title: z.string(),
    startedAt: time,
    endedAt: time.optional(),
    round: z.number().int(),
    phase: phase,
    plan: plan.optional(),
    commit: z.string().optional(),
    subject: z.string().optional(),
    steps: z.array(step),
    approvals: z.array(gate),
    environments: z.array(
      z.looseObject({ name: z.string(), kind: word('staging, production'), url: z.string() }),
    ),
    incidents: z.array(
      z.looseObject({
        id: z.string(),
        at: time,
        severity: word('critical, high, medium, low'),
        summary: z.string(),
      }),
    ),
    held: z.looseObject({ at: time, by: z.string(), reason: z.string() }).optional(),
    waiting: z
      .looseObject({
        for: z.array(z.string()),
        since: time,
        reason: z.string(),
        actions: z.array(z.string()),
      })
      .optional(),
    blockers: z.array(z.string()),
    timeline: z.array(timelineEntry),
    timelineTotal: z.number().int(),
    trail: z
      .array(z.looseObject({ count: z.number().int(), ref: z.looseObject({ digest: z.string() }) }))
      .optional()
      .describe('Older entries than the timeline has, in the store; see /trail'),
    chain: z.string(),
    outcome: word('released, rolled_back, aborted, nothing_to_release, failed …').optional(),
    ending: z.string().optional(),
    remains: z.array(z.string()),
    links: z.array(z.looseObject({ name: z.string(), url: z.string() })),
  })
  .describe('The whole record of a release');

export const action = z.object({
  command,
  gate: z.string().optional(),
  role: role.optional(),
  needsComment: z.boolean(),
  answers: z
    .string()
    .optional()
    .describe('What it would answer: send it back, and it is refused when that is not asked any more'),
});

export const releaseView = z.object({
  open: z.boolean(),
  runs: z
    .array(z.string())
    .optional()
    .describe('Of one that has ended: what its production environments run now, as far as that is kept'),
  unverified: z
    .string()
    .optional()
    .describe('Why nothing of it is to be believed: the ledger does not know this run'),
  stopped: z.string().optional().describe("Why its product is stopped: mistakes of the API's configuration"),
  summary: z.string(),
  url: z.string(),
  temporalUrl: z.string().optional(),
  actions: z.array(action).describe('What the asking person may do now'),
  reports: z
    .array(z.object({ gate: z.string(), url: z.string(), mediaType: z.string().optional() }))
    .describe('The files that gates left for people'),
  record: releaseRecord,
});

export const listing = z.object({
  product: z.string(),
  kind: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  releaseId: z.string().optional(),
  open: z.boolean(),
  startedAt: time,
  endedAt: time.optional(),
  version: z.string().optional(),
  type: z.string().optional(),
  phase: z.string().optional(),
  environment: z.string().optional(),
  outcome: z.string().optional(),
  requestedBy: z.string().optional(),
  waitingFor: z.array(z.string()),
  url: z.string(),
});

const ended = z
  .object({ outcome: z.string().optional(), detail: z.string(), hint: z.string() })
  .optional()
  .describe('The same key asked for it before, and that is over: nothing was done now (with status 200)');

export const commandAnswer = z.object({
  accepted: z.literal(true),
  command,
  product: z.string(),
  releaseId: z.string(),
  person: z.string(),
  role: role.optional(),
  gate: z.string().optional(),
  kind: z.string().optional().describe('Which flow it went to, where that was not asked for'),
  nonce: z.string(),
  issuedAt: time,
  validUntil: time,
  ended,
});

export const startAnswer = z.object({
  accepted: z.literal(true),
  product: z.string(),
  kind: z.string(),
  releaseId: z.string(),
  workflowId: z.string(),
  url: z.string(),
  ended,
});

/** The record with its timeline as people read it. */
export function presentRecord(record: ReleaseRecord): z.output<typeof releaseRecord> {
  // The record has exactly the schema's shape; TypeScript's interfaces and loose objects just do not see it.
  const shown = record as unknown as z.output<typeof releaseRecord>;
  return { ...shown, timeline: presentEntries(record.timeline, record) };
}

/** Entries of a record's timeline with what they say, whatever stands beside their data. */
export function presentEntries(
  entries: readonly TimelineEntry[],
  record: Pick<ReleaseRecord, 'format'>,
): z.output<typeof timelineEntry>[] {
  return entries.map((entry) => {
    const { at, event, data, link } = entry;
    return {
      at,
      ...(event === undefined ? {} : { event }),
      ...(data === undefined ? {} : { data: { ...data } }),
      ...describeEntry(entry, record),
      link,
    };
  });
}
