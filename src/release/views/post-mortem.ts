import type { ReleaseRecord, TimelineEntry } from '../record.ts';
import type { Severity } from '../settings.ts';
import { markdownText } from './markdown.ts';
import { findProduction, nameDuration, nameTime } from './words.ts';

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
  timeline: TimelineEntry[];
}

/** Timeline and times of an incident, from the record alone. `undefined` when there was neither incident nor rollback. */
export function viewPostMortem(record: ReleaseRecord): PostMortem | undefined {
  const first = record.incidents.toSorted((a, b) => (a.at < b.at ? -1 : 1))[0];
  if (!first && record.outcome !== 'rolled_back') return undefined;
  const live = findTime(
    record,
    (entry) => entry.what.startsWith('live: '),
    findProduction(record)?.deployedAt,
  );
  const detected = first?.at ?? findTime(record, (entry) => /monitoring: |failed: /.test(entry.what));
  const after = (at: string | undefined) => (entry: TimelineEntry) => at !== undefined && entry.at >= at;
  const decided = findTime(
    record,
    (entry) =>
      after(detected)(entry) && /^rollback|traffic back|resolution|rolled back|^dismiss/i.test(entry.what),
  );
  const recovered = findTime(
    record,
    (entry) => after(detected)(entry) && / runs \S+ again$/.test(entry.what),
  );
  return {
    product: record.product,
    releaseId: record.releaseId,
    version: record.plan?.version ?? '',
    ...(first === undefined ? {} : { severity: first.severity }),
    cause: first?.summary ?? record.ending ?? 'not known',
    outcome: record.ending ?? record.outcome ?? 'not ended',
    ...span('timeToDetectMs', live, detected),
    ...span('timeToDecideMs', detected, decided),
    ...span('timeToRecoverMs', detected, recovered),
    timeline: record.timeline,
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

function findTime(
  record: ReleaseRecord,
  matches: (entry: TimelineEntry) => boolean,
  otherwise?: string,
): string | undefined {
  return record.timeline.find(matches)?.at ?? otherwise;
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
