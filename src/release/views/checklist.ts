import { nameDuration } from '../duration.ts';
import { withoutControls } from '../plan/printable.ts';
import { describeApprovers } from '../policy/approvers.ts';
import { nameGate } from '../policy/gates.ts';
import type { ReleaseRecord } from '../record/record.ts';
import { describeTimeline } from '../record/timeline/describe-event.ts';
import { failedSteps, listAdvice, nameWaiting, waitingReason, waitingSince } from './advice.ts';
import { countBytes, cutBytes, markdownText } from './markdown.ts';
import { viewChecklist } from './mission-checklist.ts';
import { nameOutcome, namePhase, nameRole, nameStatus, nameTime, placePhase } from './words.ts';

/** Temporal refuses current details of more than 20,000 bytes. */
const LIMIT = 19_500;

/**
 * The record as Markdown for Temporal's current details, under 20,000 bytes: what it is, where it is, what it waits
 * for and since when, what failed and why, what to do, and the mission's checklist. What matters most comes first,
 * so that a flood of anything cuts the end only. Text from commits and people stays text.
 */
export function renderChecklist(record: ReleaseRecord): string {
  const sections = [
    renderHead(record),
    renderFailures(record),
    renderAdvice(record),
    renderMission(record),
    renderGates(record),
    renderEnvironments(record),
    renderMonitoring(record),
    renderApprovals(record),
    renderIncluded(record),
    renderRefusals(record),
    renderTimeline(record),
  ].filter((section) => section !== '');
  let whole = '';
  for (const section of sections) {
    const next = whole === '' ? section : `${whole}\n\n${section}`;
    if (countBytes(next) > LIMIT) return closeCut(cutBytes(next, LIMIT - 40));
    whole = next;
  }
  return whole;
}

/** Ends at a whole line, so that no escape or code span is cut in two. */
function closeCut(text: string): string {
  return `${text.slice(0, Math.max(0, text.lastIndexOf('\n')))}\n\n(cut: too long)`;
}

function renderHead(record: ReleaseRecord): string {
  const { plan, request } = record;
  const waits = nameWaiting(record);
  const since = waitingSince(record);
  const reason = waitingReason(record);
  const version = plan ? ` (${plan.type}, ${plan.previousVersion ?? 'first release'} → ${plan.version})` : '';
  return [
    `# ${markdownText(record.title, 200)}${markdownText(version)}`,
    '',
    record.outcome === undefined
      ? `**Where:** ${namePhase(record.phase)}, ${placePhase(record.phase)}`
      : `**${capital(nameOutcome(record.outcome))}** ${nameTime(record.endedAt ?? '')}: ${markdownText(record.ending ?? '')}`,
    ...(waits === undefined
      ? []
      : [
          `**Waits for ${markdownText(waits)}** since ${nameTime(since ?? record.startedAt)}${reason ? `: ${markdownText(reason, 500)}` : ''}`,
        ]),
    ...(record.blockers.length === 0
      ? []
      : ['**Blockers:**', ...record.blockers.slice(0, 30).map((b) => `- ${markdownText(b, 300)}`)]),
    ...record.remains.slice(0, 20).map((left) => `- remains: ${markdownText(left, 300)}`),
    '',
    `Asked for by ${markdownText(request.requestedBy, 100)} through ${request.via}, ${nameTime(request.requestedAt)} · \`${record.releaseId}\`${record.round > 1 ? ` · plan ${record.round}` : ''}`,
    ...(plan?.concerns ?? []).slice(0, 10).map((concern) => `- ⚠ ${markdownText(concern, 300)}`),
    ...(plan?.warnings ?? []).slice(0, 10).map((warning) => `- ⚠ ${markdownText(warning, 300)}`),
  ].join('\n');
}

function renderFailures(record: ReleaseRecord): string {
  const failed = failedSteps(record).slice(-5);
  if (failed.length === 0) return '';
  const texts = failed.map((step) => {
    const failure = step.failure!;
    const tail = failure.logTail?.split('\n').slice(-15).join('\n').slice(-1_500);
    return [
      `### ${markdownText(step.title, 200)} (try ${step.attempts})`,
      `- **What happened:** ${markdownText(failure.what, 1_000)}`,
      `- **What changed:** ${markdownText(failure.changed, 500)}`,
      `- **What to do:** ${markdownText(failure.next, 500)}`,
      ...(tail ? ['', ...fenceCode(tail)] : []),
    ].join('\n');
  });
  return `## What failed\n\n${texts.join('\n\n')}`;
}

/** A fence longer than any in the text cannot be closed by it. */
function fenceCode(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...text.split(/\r\n|[\r\n\u0085\u2028\u2029]/).map(withoutControls), fence];
}

function renderAdvice(record: ReleaseRecord): string {
  const advice = listAdvice(record);
  return advice.length === 0 ? '' : ['## What to do', '', ...advice.map((line) => `- ${line}`)].join('\n');
}

function renderMission(record: ReleaseRecord): string {
  const sections = viewChecklist(record).map((section) => {
    const lines = section.items.map((item) => {
      const status =
        item.status === 'done' || item.status === 'open' ? '' : ` — *${nameStatus(item.status)}*`;
      const detail = item.detail === undefined ? '' : `: ${markdownText(item.detail, 200)}`;
      return `- [${item.status === 'done' ? 'x' : ' '}] ${item.label}${status}${item.status === 'open' ? '' : detail}`;
    });
    return `### ${section.title}\n${lines.join('\n')}`;
  });
  return `## Checklist\n\n${sections.join('\n\n')}`;
}

function renderGates(record: ReleaseRecord): string {
  if (record.gates.length === 0) return '';
  const lines = record.gates.map(
    (gate) => `- ${nameGate(gate)}: ${gate.result.replaceAll('_', ' ')} (${markdownText(gate.summary, 300)})`,
  );
  return ['## Quality gates', '', ...lines].join('\n');
}

function renderEnvironments(record: ReleaseRecord): string {
  if (record.environments.length === 0) return '';
  const lines = record.environments.map((environment) => {
    const facts = [
      environment.version === undefined
        ? 'not deployed yet'
        : `runs ${markdownText(environment.version, 100)}`,
      ...(environment.previousVersion === undefined
        ? []
        : [`before: ${markdownText(environment.previousVersion, 100)}`]),
      ...(environment.strategy === undefined ? [] : [environment.strategy]),
      ...(environment.share === undefined ? [] : [`${environment.share} % of the traffic`]),
      ...(environment.monitoring === undefined
        ? []
        : [`watch ${environment.monitoring.status.replaceAll('_', ' ')}`]),
      ...(environment.url === '' ? [] : [markdownText(environment.url, 300)]),
    ];
    return `- **${markdownText(environment.name, 100)}**: ${facts.join(', ')}`;
  });
  return ['## Environments', '', ...lines].join('\n');
}

function renderMonitoring(record: ReleaseRecord): string {
  const { monitoring } = record;
  if (!monitoring) return '';
  const open = record.incidents.filter((incident) => incident.resolution === undefined);
  return [
    '## Monitoring',
    '',
    `${monitoring.level}, ${monitoring.status.replaceAll('_', ' ')}: ${nameDuration(monitoring.observedMs)} of ${nameDuration(monitoring.windowMs)} observed. ${markdownText(monitoring.reason, 500)}`,
    ...monitoring.checks
      .slice(0, 30)
      .map(
        (check) =>
          `- **${markdownText(check.name, 100)}**: ${markdownText(check.verdict, 30)}, ${markdownText(check.reason, 300)}`,
      ),
    ...open
      .slice(0, 10)
      .map(
        (incident) =>
          `- **${incident.severity} incident**: ${markdownText(incident.summary, 300)} (${markdownText(incident.id)})${sayGoing(incident)}`,
      ),
  ].join('\n');
}

function sayGoing({ goingSince, deadline }: ReleaseRecord['incidents'][number]): string {
  if (goingSince !== undefined) return `, the version goes back since ${nameTime(goingSince)}`;
  return deadline === undefined ? '' : `, rolls back ${nameTime(deadline)}`;
}

function renderApprovals(record: ReleaseRecord): string {
  if (record.approvals.length === 0) return '';
  const lines = record.approvals.map((gate) => {
    const given = gate.decisions.map(
      (d) =>
        `${markdownText(d.person, 100)} as ${nameRole(d.role)} ${d.decision === 'approve' ? 'approved' : 'rejected'}${d.reason ? ` (${markdownText(d.reason, 200)})` : ''}`,
    );
    return `- ${markdownText(gate.title, 200)}: ${gate.status}; asks for ${describeApprovers(gate.required, nameRole).join(', ')}${given.length > 0 ? `; ${given.join('; ')}` : ''}`;
  });
  return ['## Approvals', '', ...lines].join('\n');
}

function renderIncluded(record: ReleaseRecord): string {
  const { plan } = record;
  if (!plan || plan.included.length === 0) return '';
  const shown = plan.included.slice(0, 30);
  const rest = plan.includedTotal - shown.length;
  return [
    `## Included: ${plan.includedTotal}`,
    '',
    ...shown.map((change) => `- ${markdownText(change.subject, 160)} (${change.sha.slice(0, 10)})`),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ].join('\n');
}

function renderRefusals(record: ReleaseRecord): string {
  if (record.refusals.length === 0) return '';
  const lines = record.refusals
    .slice(-5)
    .map(
      (refusal) =>
        `- ${nameTime(refusal.at)} ${markdownText(refusal.what, 100)} by ${markdownText(refusal.by, 100)}: ${markdownText(refusal.reason, 300)}`,
    );
  return [`## Refused: ${record.refusalCount}`, '', ...lines].join('\n');
}

function renderTimeline(record: ReleaseRecord): string {
  if (record.timeline.length === 0) return '';
  const lines = describeTimeline(record, 25)
    .reverse()
    .map(
      ({ at, what, by }) =>
        `- ${nameTime(at)} ${markdownText(what, 250)}${by ? ` (${markdownText(by, 100)})` : ''}`,
    );
  return ['## Latest', '', ...lines].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
