import { nameDuration } from '../duration.ts';
import type { IncidentRecord, ReleaseRecord } from '../record/record.ts';
import { describeTimeline } from '../record/timeline/describe-event.ts';
import { type Fact, readFact } from '../record/timeline/facts.ts';
import { SEVERITIES, type Severity } from '../settings.ts';
import { markdownText } from './markdown.ts';
import { findProduction, nameTime } from './words.ts';

/** What a post-mortem starts from. Times in milliseconds; absent where the record does not hold both ends. */
export interface PostMortem {
  product: string;
  releaseId: string;
  version: string;
  severity?: Severity;
  cause: string;
  outcome: string;
  /** From traffic on the new version to the first incident. */
  timeToDetectMs?: number;
  /** From the first incident to the decision to go back (or its end). */
  timeToDecideMs?: number;
  /** From the first incident to the previous version running again. */
  timeToRecoverMs?: number;
  /** Each on its own, in the order of their reports. */
  incidents: IncidentRecord[];
  /** The time of each entry of the timeline with what it says. */
  timeline: { at: string; what: string; by?: string }[];
}

/** Timeline and times of an incident, from the record alone. `undefined` when there was neither incident nor rollback. */
export function viewPostMortem(record: ReleaseRecord): PostMortem | undefined {
  const incidents = record.incidents.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const [first] = incidents;
  const worst = SEVERITIES.find((severity) => record.incidents.some((one) => one.severity === severity));
  if (!first && record.outcome !== 'rolled_back') return undefined;
  const production = findProduction(record);
  const live = findTime(record, ({ data }) => data.fact === 'went_live', undefined, production?.deployedAt);
  const detected = first?.at ?? findTime(record, isTrouble, live);
  const decided = findDecision(record, detected);
  const recovered = findTime(record, ({ data }) => data.fact === 'runs_again', detected ?? NEVER);
  return {
    product: record.product,
    releaseId: record.releaseId,
    version: record.plan?.version ?? '',
    ...(worst === undefined ? {} : { severity: worst }),
    cause: first?.summary ?? record.ending ?? 'not known',
    outcome: record.ending ?? record.outcome ?? 'not ended',
    ...span('timeToDetectMs', live, detected),
    ...span('timeToDecideMs', detected, decided),
    ...span('timeToRecoverMs', detected, recovered),
    incidents,
    timeline: describeTimeline(record),
  };
}

/** The post-mortem's draft as Markdown: facts filled in, the rest asked. */
export function renderPostMortem(record: ReleaseRecord): string | undefined {
  const view = viewPostMortem(record);
  if (!view) return undefined;
  const time = (ms: number | undefined) =>
    ms === undefined ? 'not known from the record' : nameDuration(ms);
  return [
    `# Post-mortem: ${markdownText(view.product)} ${markdownText(view.version)}`,
    '',
    `- Release: \`${view.releaseId}\``,
    `- Severity: ${view.severity ?? 'not rated'}`,
    `- What happened: ${markdownText(view.cause)}`,
    `- How it ended: ${markdownText(view.outcome)}`,
    `- Time to detect: ${time(view.timeToDetectMs)}`,
    `- Time to decide: ${time(view.timeToDecideMs)}`,
    `- Time to recover: ${time(view.timeToRecoverMs)}`,
    '',
    ...(view.incidents.length === 0 ? [] : ['## Incidents', '', ...view.incidents.map(sayEach), '']),
    '## Timeline',
    '',
    ...view.timeline.map(
      (entry) =>
        `- ${nameTime(entry.at)} ${markdownText(entry.what, 400)}${entry.by ? ` (${markdownText(entry.by, 100)})` : ''}`,
    ),
    '',
    '## To be written by people',
    '',
    '- Why was it possible? Why was it not found before production?',
    '- What went well, and what did luck do?',
    '- Which change keeps it from happening again, who makes it, until when?',
    '',
  ].join('\n');
}

function sayEach({ id, at, severity, summary, reportedBy, over, resolution }: IncidentRecord): string {
  const ended = over === undefined ? '' : ` Over by its source: ${nameTime(over)}.`;
  return `- **${severity}** ${nameTime(at)} ${markdownText(summary, 400)} (${markdownText(id)}, ${markdownText(reportedBy, 100)}): ${markdownText(resolution ?? 'open', 400)}.${ended}`;
}

/** After every time. */
const NEVER = '\uffff';

/** The first time at which such a thing happened, from `since` on. */
function findTime(
  record: ReleaseRecord,
  matches: (fact: Fact) => boolean,
  since = '',
  otherwise?: string,
): string | undefined {
  return (
    record.timeline.find((entry) => entry.at >= since && matches(readFact(entry, record)))?.at ?? otherwise
  );
}

/**
 * When it was decided what becomes of it. What only waits for the next release was decided by nobody; records from before
 * incidents said when they were settled have it in their timeline alone.
 */
function findDecision(record: ReleaseRecord, detected: string | undefined): string | undefined {
  const known = record.incidents.flatMap(({ severity, settledAt }) =>
    settledAt === undefined ? [] : [{ severity, settledAt }],
  );
  const settled = known.flatMap(({ severity, settledAt }) => (severity === 'low' ? [] : [settledAt]));
  const matches = (fact: Fact) => isDecision(fact) || (known.length === 0 && isSettled(fact));
  const told = findTime(record, matches, detected ?? NEVER);
  return [...settled, ...(told === undefined ? [] : [told])].toSorted()[0];
}

function isSettled({ event, data }: Fact): boolean {
  return event === 'incident' && data.settled === true;
}

/** A sign that something is wrong with what went live. */
function isTrouble({ event, data }: Fact): boolean {
  if (event === 'monitoring') return data.status === 'failed';
  return event === 'step_failed' && /^(?:production|monitoring)\b/.test(data.step ?? '');
}

/** Somebody, or policy, has decided what becomes of it. */
function isDecision({ event, data }: Fact): boolean {
  return (
    data.fact === 'goes_back' ||
    data.command === 'rollback' ||
    data.command === 'dismiss' ||
    (event === 'ended' && data.outcome === 'rolled_back')
  );
}

function span<K extends string>(
  key: K,
  from: string | undefined,
  to: string | undefined,
): Partial<Record<K, number>> {
  if (from === undefined || to === undefined) return {};
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) && ms >= 0 ? ({ [key]: ms } as Record<K, number>) : {};
}
