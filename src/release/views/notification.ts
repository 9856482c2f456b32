import type { ApprovalGate } from '../approvals.ts';
import { nameMissing } from '../approvals.ts';
import { shortDigest } from '../digest.ts';
import { nameDuration } from '../duration.ts';
import { describeApprovers } from '../policy/approvers.ts';
import { nameGate } from '../policy/gates.ts';
import type { ReleaseRecord, StepRecord } from '../record/record.ts';
import { describeEntry } from '../record/timeline/describe-event.ts';
import { readFact } from '../record/timeline/facts.ts';
import { failedSteps } from './advice.ts';
import { renderCustomerMessage, renderResolution } from './announcement.ts';
import { type ForgedCommand, renderForged } from './forged.ts';
import { oneLine } from './markdown.ts';
import { findProduction, nameRole, nameTime, titleGate, writeCommand } from './words.ts';

export type Occasion =
  | { occasion: 'blocked' | 'failed'; step: string }
  | { occasion: 'approval_wanted' | 'reminder'; gate: string }
  | { occasion: 'skipped'; when: string }
  | { occasion: 'forged'; fault: string; refusal: ForgedCommand }
  | { occasion: 'complete' | 'available' | 'resolved' | 'rolled_back' | 'aborted' | 'replanned' };

/** Plain text: the channels quote it for themselves. `id` is stable within a release's round. */
export interface Notification {
  id: string;
  subject: string;
  text: string;
}

/** Changes listed in a message; the page has them all. */
const LISTED = 20;

/**
 * What people are told at an occasion. Text from outside stands on one line each and without control characters, so
 * that no commit message can add a header to a mail or lines to a notice.
 */
export function renderNotification(record: ReleaseRecord, occasion: Occasion): Notification {
  const notice = write(record, occasion);
  return {
    id: notice.id,
    subject: oneLine(notice.subject, 200),
    text: notice.lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  };
}

interface Draft {
  id: string;
  subject: string;
  lines: string[];
}

function write(record: ReleaseRecord, occasion: Occasion): Draft {
  switch (occasion.occasion) {
    case 'blocked':
    case 'failed':
      return writeFailure(record, occasion.occasion, occasion.step);
    case 'approval_wanted':
      return writeRequest(record, occasion.gate);
    case 'reminder':
      return writeReminder(record, occasion.gate);
    case 'skipped':
      return writeSkipped(record, occasion.when);
    case 'forged':
      return renderForged(record.title, occasion.fault, occasion.refusal, writeCommand(record, 'status'));
    case 'complete':
      return writeComplete(record);
    case 'available':
      return { id: `available/${record.plan?.version ?? ''}`, ...renderCustomerMessage(record) };
    case 'resolved':
      return { id: `resolved/${record.plan?.version ?? ''}`, ...renderResolution(record) };
    case 'rolled_back':
      return writeRolledBack(record);
    case 'aborted':
      return writeAborted(record);
    case 'replanned':
      return writeReplanned(record);
  }
}

function writeFailure(record: ReleaseRecord, occasion: 'blocked' | 'failed', id: string): Draft {
  const step: StepRecord | undefined = record.steps.find((s) => s.id === id) ?? failedSteps(record).at(-1);
  const failure = step?.failure;
  const actions = record.waiting?.actions ?? [];
  const title = oneLine(step?.title ?? id, 120);
  const blockers = record.blockers.slice(0, LISTED).map((blocker) => `- ${oneLine(blocker, 300)}`);
  return {
    // A step that fails again is news again.
    id: `${occasion}/${id}/${step?.attempts ?? 0}`,
    subject:
      occasion === 'blocked'
        ? `${record.title} is not ready: ${record.blockers.length} blockers`
        : `${record.title}: ${title} failed`,
    lines: [
      occasion === 'blocked'
        ? 'The release waits. In its way stands:'
        : `${title} failed; the release waits.`,
      '',
      ...(occasion === 'blocked' && blockers.length > 0
        ? blockers
        : [`What happened: ${oneLine(failure?.what ?? 'not known', 1_000)}`]),
      `What changed: ${oneLine(failure?.changed ?? 'not known', 500)}`,
      `What to do: ${oneLine(failure?.next ?? 'look at the release', 500)}`,
      ...(actions.length > 0
        ? [`Possible now: ${actions.join(', ')} (${writeCommand(record, actions[0] ?? '')})`]
        : []),
    ],
  };
}

function writeRequest(record: ReleaseRecord, key: string): Draft {
  const gate = findGate(record, key);
  const goLive = key === 'go_live';
  return {
    // Asked for anew is news again.
    id: `approval_wanted/${key}/${shortSubject(gate)}/${gate?.openedAt ?? ''}`,
    subject: goLive
      ? `${record.title} is staged and verified. Ready for production?`
      : titleGate(record, gate?.title ?? key),
    lines: [
      goLive ? 'Staged and verified. Ready for production?' : oneLine(gate?.title ?? key, 200),
      '',
      ...describeDecision(record, gate),
      '',
      `To decide: ${writeCommand(record, 'approve', key, ...nameSubject(gate))}`,
      `Or:        ${writeCommand(record, 'reject', key, ...nameSubject(gate))} --comment "why"`,
    ],
  };
}

function writeReminder(record: ReleaseRecord, key: string): Draft {
  const gate = findGate(record, key);
  return {
    id: `reminder/${key}/${shortSubject(gate)}/${gate?.reminders ?? 0}`,
    subject: `Still waiting: ${oneLine(titleGate(record, gate?.title ?? key), 150)}`,
    lines: [
      `${record.title} has waited since ${nameTime(gate?.openedAt ?? record.startedAt)} for ${nameWanted(gate)}.`,
      '',
      ...describeDecision(record, gate),
      '',
      `To decide: ${writeCommand(record, 'approve', key, ...nameSubject(gate))}`,
    ],
  };
}

/** What an approver is to know, by the mission: notes, what is included, staging URL, concerns and risks. */
function describeDecision(record: ReleaseRecord, gate: ApprovalGate | undefined): string[] {
  const { plan } = record;
  const staging = record.environments.findLast((environment) => environment.kind === 'staging');
  const concerns = [...(plan?.concerns ?? []), ...(plan?.warnings ?? [])];
  const shown = plan?.included.slice(0, LISTED) ?? [];
  const rest = (plan?.includedTotal ?? 0) - shown.length;
  const gates = record.gates.map((result) => `${nameGate(result)}: ${result.result.replaceAll('_', ' ')}`);
  return [
    `Version: ${plan ? `${plan.previousVersion ?? 'first release'} -> ${plan.version} (${plan.type})` : 'not planned yet'}`,
    `Asks for: ${gate ? describeApprovers(gate.required, nameRole).join(', ') : 'nobody'}`,
    ...(gate?.asks ?? []).map((ask) => `- ${oneLine(ask, 200)}`),
    ...(gate && gate.decisions.length > 0
      ? [
          `Approved so far: ${gate.decisions.map((d) => `${oneLine(d.person, 100)} (${nameRole(d.role)})`).join(', ')}`,
        ]
      : []),
    `Release notes: ${oneLine(plan?.highlights ?? 'none yet', 500)}`,
    `Staging: ${staging ? oneLine(staging.url, 300) : 'none'}`,
    `Gates: ${gates.join('; ') || 'none yet'}`,
    `Concerns and risks: ${concerns.length === 0 ? 'none known' : ''}`,
    ...concerns.slice(0, 10).map((concern) => `- ${oneLine(concern, 300)}`),
    `Included (${plan?.includedTotal ?? 0}):`,
    ...shown.map((change) => `- ${oneLine(change.subject, 160)}`),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ];
}

function writeComplete(record: ReleaseRecord): Draft {
  const production = findProduction(record);
  const page = record.links.find((link) => link.name === 'release notes')?.url;
  const { monitoring, plan } = record;
  const watched = monitoring
    ? `${monitoring.status.replaceAll('_', ' ')} (${nameDuration(monitoring.observedMs)} of ${nameDuration(monitoring.windowMs)} observed): ${oneLine(monitoring.reason, 400)}`
    : 'not configured';
  return {
    id: `complete/${plan?.version ?? ''}`,
    subject: `Release complete: ${record.title}`,
    lines: [
      'Release complete.',
      '',
      `Version: ${plan?.version ?? 'unknown'}${plan?.previousVersion ? ` (before: ${plan.previousVersion})` : ''}`,
      `Production: ${production?.url ? oneLine(production.url, 300) : 'no production environment'}`,
      `Release notes: ${page ? oneLine(page, 300) : oneLine(plan?.highlights ?? '', 500)}`,
      `Monitoring: ${watched}`,
      ...record.publications.map(
        (p) => `Published: ${oneLine(p.name, 200)} on ${p.registry}: ${oneLine(p.url, 300)}`,
      ),
    ],
  };
}

function writeRolledBack(record: ReleaseRecord): Draft {
  const production = findProduction(record);
  const incident = record.incidents.at(-1);
  const why =
    record.ending ?? incident?.summary ?? failedSteps(record).at(-1)?.failure?.what ?? 'see the timeline';
  const issue = record.links.find((link) => link.name === 'issue')?.url;
  return {
    id: 'rolled_back/',
    subject: `${record.title} was rolled back`,
    lines: [
      `${record.title} was taken back from production.`,
      '',
      `Why: ${oneLine(why, 1_000)}`,
      `Runs now: ${oneLine(production?.version ?? production?.previousVersion ?? 'not known: look at the environment', 100)}`,
      `Production: ${oneLine(production?.url ?? '', 300)}`,
      ...(incident ? [`Severity: ${incident.severity}`] : []),
      ...(issue ? [`Issue: ${oneLine(issue, 300)}`] : []),
      ...record.remains.map((left) => `Remains: ${oneLine(left, 300)}`),
      'Next: a post-mortem, and a fix as a new version.',
    ],
  };
}

function writeAborted(record: ReleaseRecord): Draft {
  const asked = record.timeline.findLast((entry) => readFact(entry, record).data.command === 'abort');
  const said = asked && describeEntry(asked, record);
  return {
    id: 'aborted/',
    subject: `${record.title} was aborted`,
    lines: [
      `${record.title} ends here.`,
      '',
      `Why: ${oneLine(record.ending ?? (said ? `${said.by ?? 'somebody'}: ${said.what}` : 'see the timeline'), 1_000)}`,
      ...(record.remains.length === 0
        ? ['Remains public: nothing that is known']
        : record.remains.map((left) => `Remains: ${oneLine(left, 300)}`)),
    ],
  };
}

function writeSkipped(record: ReleaseRecord, when: string): Draft {
  return {
    id: `skipped/${when}`,
    subject: `The scheduled release of ${record.product} was skipped`,
    lines: [
      `The release that was scheduled for ${oneLine(when, 100)} did not start: ${record.title} is in flight.`,
      '',
      'The schedule comes again at its next time.',
      `To release before that, end this one: ${writeCommand(record, 'status')}, then start one yourself.`,
    ],
  };
}

function writeReplanned(record: ReleaseRecord): Draft {
  const told = [
    ...new Set(
      record.voided.map(
        (decision) =>
          `${decision.person} (${nameRole(decision.role)}, ${decision.gate.replaceAll('_', ' ')})`,
      ),
    ),
  ];
  const entry = record.timeline.findLast((candidate) => readFact(candidate, record).event === 'replanned');
  const { what = 'somebody asked for it', by = '' } = entry ? describeEntry(entry, record) : {};
  return {
    id: 'replanned/',
    subject: `${record.title}: planned anew, approvals are void`,
    lines: [
      `Plan ${record.round} replaces the one before, from a newer commit.`,
      '',
      `Why: ${oneLine(what, 500)}${by === '' ? '' : ` (${oneLine(by, 100)})`}`,
      told.length === 0
        ? 'Nobody had approved yet.'
        : `Void, and asked for again: ${oneLine(told.join(', '), 1_000)}`,
    ],
  };
}

function findGate(record: ReleaseRecord, key: string): ApprovalGate | undefined {
  return record.approvals.find((gate) => gate.key === key);
}

function nameWanted(gate: ApprovalGate | undefined): string {
  return gate ? nameMissing(gate, nameRole).join(', ') : 'an approval';
}

/** What the notice is about: the command refuses to decide about anything else. */
function nameSubject(gate: ApprovalGate | undefined): string[] {
  return gate ? ['--subject', shortDigest(gate.subject)] : [];
}

/** A gate that opens again for other bytes is another question. */
function shortSubject(gate: ApprovalGate | undefined): string {
  return `${shortDigest(gate?.subject ?? '')}/${gate?.openedAt ?? ''}`;
}
