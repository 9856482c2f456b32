import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { Decision, GateKey } from '../../release/approvals.ts';
import { lapsedDecision, missingRoles, nameMissing } from '../../release/approvals.ts';
import type { FailureInfo, Phase } from '../../release/record/record.ts';
import type { ApprovalSettings, Approver } from '../../release/settings.ts';
import type { ReleaseRun } from './release-run.ts';
import { runStep } from './run-step.ts';

export interface ApprovalSpec {
  key: GateKey;
  /** The step under which the gate appears. */
  step: string;
  phase: Phase;
  title: string;
  asks?: string[];
  required: Approver[];
  subject: string;
  authors?: string[];
  approvals: ApprovalSettings;
  /** Asked for anew: why, and the decisions that still count. A retry tries the step that needs it as it stands. */
  again?: { why: string; kept: Decision[] };
}

/**
 * Waits, durably and without limit, until every required role has approved. Reminds and then escalates by durable
 * timers. A rejection is a failure of the step: it is mended and asked again (retry), replanned, or the release ends.
 */
export async function awaitApproval(run: ReleaseRun, spec: ApprovalSpec): Promise<void> {
  const id = spec.step;
  await runStep(
    run,
    {
      id,
      title: spec.title,
      phase: spec.phase,
      describe: () => (spec.required.length === 0 ? 'policy asks for nobody' : describeGiven(run, spec.key)),
    },
    async () => {
      if (spec.required.length === 0) return;
      run.apply({
        event: 'approval_opened',
        gate: {
          key: spec.key,
          title: spec.title,
          ...(spec.asks === undefined ? {} : { asks: spec.asks }),
          subject: spec.subject,
          required: spec.required,
          requestedBy: run.record.request.requestedBy,
          authors: spec.authors ?? [],
          onePersonManyRoles: spec.approvals.onePersonManyRoles,
          ...(spec.approvals.solo ? { solo: true } : {}),
          openedAt: new Date().toISOString(),
          status: 'open',
          decisions: spec.again?.kept ?? [],
          reminders: 0,
        },
      });
      showWhomItWaitsFor(run, spec);
      await run.notify('ceo', { occasion: 'approval_wanted', gate: spec.key });
      await waitForRoles(run, spec);
      run.apply({ event: 'waiting_over' });
      if (isRetried(run, spec)) {
        run.clear('choice');
        run.apply({ event: 'gate_voided', key: spec.key, reason: 'the step is tried as it stands' });
        return;
      }
      const gate = findGate(run, spec.key);
      if (gate?.status === 'rejected') throw rejected(run, spec);
    },
  );
}

/**
 * Reminds after each interval; from the escalation time on, the operators hear of it as well. An approval whose time
 * runs out while others are still missing is asked for again.
 */
async function waitForRoles(run: ReleaseRun, spec: ApprovalSpec): Promise<void> {
  const opened = Date.now();
  let remindAt = opened + spec.approvals.remindAfterMs;
  for (;;) {
    const gate = findGate(run, spec.key);
    if (gate?.status !== 'open' || isRetried(run, spec)) return;
    const now = Date.now();
    const lapsed = lapsedDecision(gate, now);
    if (lapsed) {
      run.apply({ event: 'approval_lapsed', key: spec.key, nonce: lapsed.nonce });
      showWhomItWaitsFor(run, spec);
      await run.notify('ceo', { occasion: 'reminder', gate: spec.key });
    } else if (now >= remindAt) {
      remindAt += spec.approvals.remindAfterMs;
      await remind(run, spec, now - opened >= spec.approvals.escalateAfterMs);
    } else {
      const known = gate.decisions.length;
      const moved = () => {
        const current = findGate(run, spec.key);
        if (isRetried(run, spec)) return true;
        return current?.status !== 'open' || current.decisions.length !== known;
      };
      const wakeAt = Math.min(remindAt, ...gate.decisions.map((d) => Date.parse(d.validUntil) + 1));
      await condition(moved, wakeAt - now, { summary: `remind of ${spec.title}` });
      // One role of several has decided: show whom it still waits for.
      if (findGate(run, spec.key)?.status === 'open' && moved()) showWhomItWaitsFor(run, spec);
    }
  }
}

async function remind(run: ReleaseRun, spec: ApprovalSpec, escalate: boolean): Promise<void> {
  const gate = findGate(run, spec.key);
  if (!gate) return;
  const whom = [...nameMissing(gate), ...(escalate ? ['operators'] : [])];
  run.apply({ event: 'reminded', key: spec.key, whom });
  await run.notify('ceo', { occasion: 'reminder', gate: spec.key });
  if (escalate) await run.notify('on_call', { occasion: 'reminder', gate: spec.key });
}

function showWhomItWaitsFor(run: ReleaseRun, spec: ApprovalSpec): void {
  const gate = findGate(run, spec.key);
  if (!gate) return;
  const reason = spec.again === undefined ? spec.title : `${spec.title} Asked for again: ${spec.again.why}`;
  const actions = ['approve', 'reject', ...(spec.again === undefined ? [] : ['retry'])];
  run.apply({ event: 'waiting', waiting: { for: missingRoles(gate), reason, actions } });
}

/** Somebody says that the step may be tried as it is: the role was given back, the configuration is as it was. */
function isRetried(run: ReleaseRun, spec: ApprovalSpec): boolean {
  return spec.again !== undefined && run.control.choice !== undefined;
}

function findGate(run: ReleaseRun, key: GateKey) {
  return run.record.approvals.find((gate) => gate.key === key);
}

function describeGiven(run: ReleaseRun, key: GateKey): string {
  const decisions = findGate(run, key)?.decisions ?? [];
  return `approved by ${decisions.map((d) => `${d.person} (${d.role})`).join(', ')}`;
}

function rejected(run: ReleaseRun, spec: ApprovalSpec): ApplicationFailure {
  const rejection = findGate(run, spec.key)?.decisions.find((d) => d.decision === 'reject');
  const details: FailureInfo = {
    type: 'Rejected',
    what: `${rejection?.person ?? 'somebody'} rejected it: ${rejection?.reason ?? 'no reason given'}`,
    changed: 'nothing: the release waits where it was',
    next: 'mend what was found and replan, ask again with retry, or abort',
  };
  return ApplicationFailure.create({
    message: details.what,
    type: 'Rejected',
    nonRetryable: true,
    details: [details],
  });
}
