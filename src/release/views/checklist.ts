import type { ReleaseRecord } from '../record.ts';
import { markdownText } from './markdown.ts';

/** The record as Markdown for Temporal's current details. */
export function renderChecklist(record: ReleaseRecord): string {
  const lines = [
    `# ${markdownText(record.title)}`,
    `Phase: ${record.phase}`,
    ...(record.waiting ? [`**Waits for ${record.waiting.for.join(', ')}** since ${record.waiting.since}: ${markdownText(record.waiting.reason)}`] : []),
    ...record.steps.map((s) => `- [${s.status === 'done' ? 'x' : ' '}] ${markdownText(s.title)} (${s.status})`),
  ];
  return lines.join('\n').slice(0, 19_000);
}
