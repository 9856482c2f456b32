import type { ApprovalGate, Decision } from '../../../src/release/approvals.ts';
import type { PlanRecord, ReleaseRecord } from '../../../src/release/record/record.ts';
import { openRecord } from '../../../src/release/record/record.ts';
import type { RecordEvent } from '../../../src/release/record/record-event.ts';
import { applyEvent } from '../../../src/release/record/transitions.ts';

export type SampleEvent = RecordEvent extends infer E
  ? E extends { at: string }
    ? Omit<E, 'at'>
    : never
  : never;

export const SUBJECT = `sha256:${'5'.repeat(64)}`;
const REF = { digest: `sha256:${'a'.repeat(64)}`, bytes: 10 } as const;

export const SAMPLE_PLAN: PlanRecord = {
  type: 'minor',
  version: '1.3.0',
  previousVersion: '1.2.0',
  tag: 'v1.3.0',
  branch: 'release/shop/v1.3.0',
  base: 'b'.repeat(40),
  plannedAt: '2026-11-20T10:01:00.000Z',
  planHash: `sha256:${'9'.repeat(64)}`,
  highlights: '3 changes: 1 new, 2 fixed or improved',
  changelog: REF,
  notes: REF,
  included: [
    { sha: 'c'.repeat(40), subject: 'feat: gift cards', type: 'feat', author: 'nia' },
    { sha: 'd'.repeat(40), subject: 'fix: rounding of totals', type: 'fix', author: 'leo' },
  ],
  includedTotal: 3,
  reasons: [],
  warnings: [],
  concerns: ['its migrations are not backward compatible'],
};

export function sampleGate(key: ApprovalGate['key'], change: Partial<ApprovalGate> = {}): ApprovalGate {
  return {
    key,
    title: `Shop 1.3.0: ${key}`,
    subject: SUBJECT,
    required: ['ceo', 'engineering_lead'],
    requestedBy: 'rita',
    authors: [],
    onePersonManyRoles: false,
    openedAt: '2026-11-20T11:00:00.000Z',
    status: 'open',
    decisions: [],
    reminders: 0,
    ...change,
  };
}

export function sampleDecision(change: Partial<Decision> = {}): Decision {
  return {
    nonce: 'n1',
    gate: 'go_live',
    decision: 'approve',
    person: 'ada',
    role: 'ceo',
    subject: SUBJECT,
    at: '2026-11-20T11:05:00.000Z',
    validUntil: '2026-11-23T11:05:00.000Z',
    signed: { signed: '', keyId: '', signature: '' },
    ...change,
  };
}

/** A record of `shop` after the events, a minute apart. */
export function recordAfter(events: SampleEvent[], product = 'shop'): ReleaseRecord {
  const request = {
    releaseId: `${product}-20261120-0a1b2c`,
    product,
    bump: 'auto' as const,
    requestedBy: 'rita',
    requestedAt: '2026-11-20T10:00:00.000Z',
    via: 'cli' as const,
  };
  const first = openRecord('release', request, 'Shop', request.requestedAt);
  return events.reduce(
    (record, event, index) => applyEvent(record, { at: minute(index + 1), ...event } as RecordEvent),
    first,
  );
}

function minute(index: number): string {
  return new Date(Date.parse('2026-11-20T10:00:00.000Z') + index * 60_000).toISOString();
}

function done(id: string, phase: ReleaseRecord['phase'], detail?: string): SampleEvent[] {
  return [
    { event: 'step_started', id, title: id, phase },
    { event: 'step_done', id, ...(detail === undefined ? {} : { detail }) },
  ];
}

/** As the workflow tells it, up to the open go-live gate. */
export const UNTIL_GO_LIVE: SampleEvent[] = [
  { event: 'phase_entered', phase: 'readiness' },
  ...done('readiness.check', 'readiness', 'open bugs labelled critical: 0'),
  ...done('plan.version', 'plan'),
  { event: 'planned', plan: SAMPLE_PLAN, title: 'Shop 1.3.0' },
  ...done('review.changelog', 'review'),
  ...done('commit.release', 'commit'),
  { event: 'committed', commit: 'e'.repeat(40) },
  ...done('gates.tests', 'gates'),
  ...done('gates.regression', 'gates'),
  { event: 'gate_passed', gate: { gate: 'tests', result: 'passed', summary: '42 passed' } },
  { event: 'gate_passed', gate: { gate: 'load', result: 'passed', summary: 'p99 80 ms' } },
  {
    event: 'step_not_configured',
    id: 'gates.container',
    title: 'Container build',
    reason: 'no script is configured',
    phase: 'gates',
  },
  { event: 'gate_passed', gate: { gate: 'container', result: 'not_configured', summary: 'no script' } },
  { event: 'subject_known', subject: SUBJECT },
  { event: 'phase_entered', phase: 'staging' },
  {
    event: 'environment',
    environment: { name: 'staging', kind: 'staging', url: 'https://staging.shop.test', version: '1.3.0' },
  },
  ...done('staging.deploy', 'staging'),
  ...done('staging.smoke', 'staging'),
  ...done('staging.health', 'staging'),
  ...done('staging.deployment', 'staging'),
  { event: 'approval_opened', gate: sampleGate('staging_sign_off', { required: ['qa'] }) },
  {
    event: 'decided',
    decision: sampleDecision({ gate: 'staging_sign_off', person: 'quinn', role: 'qa' }),
  },
  ...done('staging.sign_off', 'staging'),
  { event: 'phase_entered', phase: 'go_live' },
  {
    event: 'step_started',
    id: 'go_live.approval',
    title: 'Shop 1.3.0: ready for production?',
    phase: 'go_live',
  },
  { event: 'approval_opened', gate: sampleGate('go_live') },
  {
    event: 'waiting',
    waiting: {
      for: ['ceo', 'engineering_lead'],
      reason: 'Shop 1.3.0: ready for production?',
      actions: ['approve', 'reject'],
    },
  },
];

/** From the go-live approval on, up to the monitoring of production. */
export const UNTIL_MONITORING: SampleEvent[] = [
  ...UNTIL_GO_LIVE,
  { event: 'decided', decision: sampleDecision() },
  { event: 'decided', decision: sampleDecision({ nonce: 'n2', person: 'lee', role: 'engineering_lead' }) },
  { event: 'waiting_over' },
  { event: 'step_done', id: 'go_live.approval', detail: 'approved by ada (ceo), lee (engineering_lead)' },
  { event: 'control_set', name: 'noReplan', value: 'publishing has started: a fix is a new version' },
  { event: 'phase_entered', phase: 'production' },
  {
    event: 'step_started',
    id: 'production.deployment',
    title: 'Deploy 1.3.0 to production',
    phase: 'production',
  },
  {
    event: 'control_set',
    name: 'noAbort',
    value: 'production is changing: wait until it is whole, or ask for a rollback',
  },
  {
    event: 'control_set',
    name: 'deployment',
    value: { workflowId: 'deployment/shop/production/shop-20261120-abc123/2', production: true },
  },
  {
    event: 'environment',
    environment: { name: 'production', kind: 'production', url: 'https://shop.test', strategy: 'blue-green' },
  },
  { event: 'environment', environment: { name: 'production', version: '1.2.0', previousVersion: '1.2.0' } },
  ...done('production.backup', 'production'),
  ...done('production.deploy', 'production'),
  ...done('production.health', 'production'),
  {
    event: 'environment',
    environment: { name: 'production', version: '1.3.0', share: 100, deployedAt: '2026-11-20T11:30:00.000Z' },
  },
  { event: 'went_live', environment: 'production', version: '1.3.0' },
  ...done('production.smoke', 'production'),
  { event: 'step_started', id: 'monitoring.window', title: 'Monitor for 1 h', phase: 'monitoring' },
];
