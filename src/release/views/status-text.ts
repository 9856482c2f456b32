import { shortDigest } from '../digest.ts';
import { nameDuration } from '../duration.ts';
import { printable } from '../plan/printable.ts';
import { describeApprovers } from '../policy/approvers.ts';
import type { ReleaseRecord } from '../record/record.ts';
import { listLogs } from '../record/step-logs.ts';
import { describeTimeline } from '../record/timeline/describe-event.ts';
import { failedSteps, listAdvice, nameWaiting, waitingReason, waitingSince } from './advice.ts';
import { cutText } from './markdown.ts';
import { viewChecklist } from './mission-checklist.ts';
import {
  type ChecklistStatus,
  nameOutcome,
  namePhase,
  nameRole,
  nameStatus,
  nameTime,
  placePhase,
} from './words.ts';

const MARKS: Record<ChecklistStatus, string> = {
  done: '✓',
  running: '▸',
  failed: '✗',
  waiting: '…',
  skipped: '»',
  not_configured: '–',
  open: '·',
  not_reached: '·',
  rolled_back: '↩',
  ended_early: '»',
};

const COLOURS = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;

type Paint = (colour: keyof typeof COLOURS, text: string) => string;

/**
 * The record as text for a terminal, without a line end at its end. `now` (ISO 8601) gives how long it has waited.
 * Text from outside can neither colour nor move anything.
 */
export function renderStatus(record: ReleaseRecord, options: { colour: boolean; now: string }): string {
  const paint: Paint = (colour, text) =>
    options.colour ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  return [
    ...head(record, options.now, paint),
    ...failures(record, paint),
    ...block(
      'What to do',
      listAdvice(record).map((line) => `  - ${line.replaceAll('`', '')}`),
      paint,
    ),
    ...checklist(record, paint),
    ...environments(record, paint),
    ...monitoring(record, paint),
    ...approvals(record, paint),
    ...latest(record, paint),
  ].join('\n');
}

function head(record: ReleaseRecord, now: string, paint: Paint): string[] {
  const { plan } = record;
  const waits = nameWaiting(record);
  const since = waitingSince(record);
  const reason = waitingReason(record);
  const version = plan
    ? `  ${plan.previousVersion ?? 'first release'} -> ${plan.version} (${plan.type})`
    : '';
  return [
    `${paint('bold', line(record.title, 200))}${line(version, 200)}`,
    paint(
      'dim',
      `${record.releaseId}, asked for by ${line(record.request.requestedBy, 100)} ${nameTime(record.request.requestedAt)}`,
    ),
    record.outcome === undefined
      ? `Where: ${namePhase(record.phase)} (${placePhase(record.phase)})`
      : paint(
          record.outcome === 'released' ? 'green' : 'red',
          `${nameOutcome(record.outcome)}: ${line(record.ending ?? '', 500)}`,
        ),
    ...(waits === undefined
      ? []
      : [
          paint(
            'yellow',
            `Waits for ${line(waits, 200)}${since ? `, for ${nameDuration(Date.parse(now) - Date.parse(since))} (since ${nameTime(since)})` : ''}`,
          ),
          ...(reason ? [`  ${line(reason, 500)}`] : []),
        ]),
    ...record.blockers.map((blocker) => paint('red', `  blocker: ${line(blocker, 300)}`)),
    ...record.remains.map((left) => `  remains: ${line(left, 300)}`),
    ...(plan?.concerns ?? []).map((concern) => `  ! ${line(concern, 300)}`),
  ];
}

function failures(record: ReleaseRecord, paint: Paint): string[] {
  return failedSteps(record).flatMap((step) => [
    '',
    paint('red', `✗ ${line(step.title, 200)} (try ${step.attempts})`),
    `  what happened: ${line(step.failure?.what ?? '', 1_000)}`,
    `  what changed:  ${line(step.failure?.changed ?? '', 500)}`,
    `  what to do:    ${line(step.failure?.next ?? '', 500)}`,
    ...(step.failure?.logTail ?? '')
      .split('\n')
      .filter((l) => l.trim() !== '')
      .slice(-12)
      .map((l) => paint('dim', `  | ${line(l, 200)}`)),
    ...(listLogs(step).length === 0 ? [] : [`  whole log:     windlass log ${record.product} ${step.id}`]),
  ]);
}

function checklist(record: ReleaseRecord, paint: Paint): string[] {
  return viewChecklist(record).flatMap((section) =>
    block(
      section.title,
      section.items.map((item) => {
        const colour =
          item.status === 'done'
            ? 'green'
            : item.status === 'failed'
              ? 'red'
              : item.status === 'open' || item.status === 'not_reached'
                ? 'dim'
                : 'yellow';
        const status =
          item.status === 'done' || item.status === 'open' ? '' : ` (${nameStatus(item.status)})`;
        return `  ${paint(colour, MARKS[item.status])} ${item.label}${status}`;
      }),
      paint,
    ),
  );
}

function environments(record: ReleaseRecord, paint: Paint): string[] {
  const lines = record.environments.map((e) => {
    const share = e.share === undefined ? '' : `, ${e.share} % of the traffic`;
    return `  ${line(e.name, 100)}: ${line(e.version ?? 'not deployed yet', 100)}${share}  ${line(e.url, 300)}`;
  });
  return block('Environments', lines, paint);
}

function monitoring(record: ReleaseRecord, paint: Paint): string[] {
  const watched = record.monitoring;
  if (!watched) return [];
  return block(
    'Monitoring',
    [
      `  ${watched.status.replaceAll('_', ' ')}: ${nameDuration(watched.observedMs)} of ${nameDuration(watched.windowMs)} observed. ${line(watched.reason, 400)}`,
      ...watched.checks.map(
        (check) =>
          `  ${check.verdict === 'pass' ? paint('green', '✓') : check.verdict === 'fail' ? paint('red', '✗') : '…'} ${line(check.name, 100)}: ${line(check.reason, 300)}`,
      ),
    ],
    paint,
  );
}

function approvals(record: ReleaseRecord, paint: Paint): string[] {
  const lines = record.approvals.map((gate) => {
    const given = gate.decisions.map(
      (d) =>
        `${line(d.person, 100)} (${nameRole(d.role)}) ${d.decision === 'approve' ? 'approved' : 'rejected'}`,
    );
    const subject = gate.status === 'open' ? ` (subject ${shortDigest(gate.subject)})` : '';
    return `  ${gate.key}: ${gate.status}${subject}, asks for ${describeApprovers(gate.required, nameRole).join(', ')}${given.length > 0 ? `; ${given.join(', ')}` : ''}`;
  });
  return block('Approvals', lines, paint);
}

function latest(record: ReleaseRecord, paint: Paint): string[] {
  const lines = describeTimeline(record, 8).map(
    ({ at, what, by }) =>
      `  ${paint('dim', at.slice(11, 19))} ${line(what, 200)}${by ? ` (${line(by, 100)})` : ''}`,
  );
  return block('Latest', lines, paint);
}

function block(title: string, lines: string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : ['', paint('bold', title), ...lines];
}

function line(text: string, longest: number): string {
  return cutText(printable(text).replace(/\s+/g, ' '), longest).trimEnd();
}
