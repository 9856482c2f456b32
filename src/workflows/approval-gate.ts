import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { GateKey } from '../release/approvals.ts';
import { missingRoles } from '../release/approvals.ts';
import type { FailureInfo, Phase } from '../release/record.ts';
import type { ApprovalSettings, PersonRole } from '../release/settings.ts';
import type { ReleaseDesk } from './desk.ts';
import { runStep } from './run-step.ts';

export interface ApprovalSpec {
  key: GateKey;
  /** The step under which the gate appears. */
  step: string;
  phase: Phase;
  title: string;
  asks?: string[];
  required: PersonRole[];
  subject: string;
  authors?: string[];
  approvals: ApprovalSettings;
}

/**
 * Waits, durably and without limit, until every required role has approved. Reminds and then escalates by durable
 * timers. A rejection is a failure of the step: it is mended and asked again (retry), replanned, or the release ends.
 */
export async function awaitApproval(desk: ReleaseDesk, spec: ApprovalSpec): Promise<void> {
  const id = spec.step;
  await runStep(
    desk,
    {
      id,
      title: spec.title,
      phase: spec.phase,
      describe: () =>
        spec.required.length === 0 ? 'policy asks for nobody' : describeApprovers(desk, spec.key),
    },
    async () => {
      if (spec.required.length === 0) return;
      desk.apply({
        event: 'approval_opened',
        gate: {
          key: spec.key,
          title: spec.title,
          ...(spec.asks === undefined ? {} : { asks: spec.asks }),
          subject: spec.subject,
          required: spec.required,
          requestedBy: desk.record.request.requestedBy,
          authors: spec.authors ?? [],
          onePersonManyRoles: spec.approvals.onePersonManyRoles,
          openedAt: new Date().toISOString(),
          status: 'open',
          decisions: [],
          reminders: 0,
        },
      });
      desk.apply({
        event: 'waiting',
        waiting: { for: spec.required, reason: spec.title, actions: ['approve', 'reject'] },
      });
      await desk.notify('ceo', { occasion: 'approval_wanted', gate: spec.key });
      await waitForRoles(desk, spec);
      desk.apply({ event: 'waiting_over' });
      const gate = findGate(desk, spec.key);
      if (gate?.status === 'rejected') throw rejected(desk, spec);
    },
  );
}

/** Reminds after each interval; from the escalation time on, the operators hear of it as well. */
async function waitForRoles(desk: ReleaseDesk, spec: ApprovalSpec): Promise<void> {
  const closed = () => findGate(desk, spec.key)?.status !== 'open';
  let waitedMs = 0;
  let toldMissing = spec.required.length;
  for (;;) {
    const answered = await condition(
      () =>
        closed() || (findGate(desk, spec.key)?.decisions.length ?? 0) > spec.required.length - toldMissing,
      spec.approvals.remindAfterMs,
      { summary: `remind of ${spec.title}` },
    );
    if (closed()) return;
    const gate = findGate(desk, spec.key);
    if (!gate) return;
    if (answered) {
      // One role of several has decided: show whom it still waits for.
      const missing = missingRoles(gate);
      toldMissing = missing.length;
      desk.apply({
        event: 'waiting',
        waiting: { for: missing, reason: spec.title, actions: ['approve', 'reject'] },
      });
      continue;
    }
    waitedMs += spec.approvals.remindAfterMs;
    const escalate = waitedMs >= spec.approvals.escalateAfterMs;
    desk.apply({
      event: 'reminded',
      key: spec.key,
      whom: [...missingRoles(gate), ...(escalate ? ['operators'] : [])],
    });
    await desk.notify('ceo', { occasion: 'reminder', gate: spec.key });
    if (escalate) await desk.notify('on_call', { occasion: 'reminder', gate: spec.key });
  }
}

function findGate(desk: ReleaseDesk, key: GateKey) {
  return desk.record.approvals.find((gate) => gate.key === key);
}

function describeApprovers(desk: ReleaseDesk, key: GateKey): string {
  const decisions = findGate(desk, key)?.decisions ?? [];
  return `approved by ${decisions.map((d) => `${d.person} (${d.role})`).join(', ')}`;
}

function rejected(desk: ReleaseDesk, spec: ApprovalSpec): ApplicationFailure {
  const rejection = findGate(desk, spec.key)?.decisions.find((d) => d.decision === 'reject');
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
