import type { ReleaseRecord, StepRecord } from '../release/record/record.ts';
import type { Finding } from './check-world.ts';

/** Plain lines, with colour only at a terminal that wants it. */
export interface Printer {
  line(text: string): void;
  /** Prints the steps that ended since the last call. */
  progress(record: ReleaseRecord): void;
  record(record: ReleaseRecord): void;
  findings(findings: Finding[]): void;
}

const MARKS: Record<StepRecord['status'], string> = {
  done: '✓',
  failed: '✗',
  skipped: '-',
  not_configured: '-',
  running: '…',
  waiting: '…',
};

/** Prints to `write`, a line at a time. Each step is told once, however often the record is given. */
export function createPrinter(write: (text: string) => void, colour: boolean): Printer {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const shown = new Map<string, string>();
  const line = (text: string) => write(`${text}\n`);
  const showStep = (step: StepRecord) => {
    const mark =
      step.status === 'done'
        ? paint(32, MARKS.done)
        : step.status === 'failed'
          ? paint(31, MARKS.failed)
          : MARKS[step.status];
    const took = step.status === 'done' ? ` ${paint(2, describeDuration(step))}` : '';
    const detail = step.failure?.what ?? step.detail;
    line(`${mark} ${step.title}${detail ? paint(2, `: ${detail}`) : ''}${took}`);
  };
  return {
    line,
    progress: (record) => {
      for (const step of record.steps) {
        const state = `${step.status}/${step.attempts}/${step.endedAt ?? ''}`;
        if (step.endedAt === undefined || shown.get(step.id) === state) continue;
        shown.set(step.id, state);
        showStep(step);
      }
    },
    record: (record) => {
      line('');
      line(paint(1, `${record.title}: ${(record.outcome ?? 'in flight').replaceAll('_', ' ')}`));
      if (record.ending) line(record.ending);
      for (const remains of record.remains) line(`  what stays: ${remains}`);
      line('');
      line('Steps and how long each took:');
      for (const step of record.steps) {
        const said = step.status === 'done' ? '' : step.status.replaceAll('_', ' ');
        line(`  ${step.id.padEnd(28)} ${describeDuration(step).padStart(8)}  ${said}`.trimEnd());
      }
    },
    findings: (findings) => {
      line('');
      line('Checked against the world itself, not against the record:');
      for (const finding of findings) {
        line(`  ${finding.holds ? paint(32, '✓') : paint(31, '✗')} ${finding.what}: ${finding.found}`);
      }
      line('');
    },
  };
}

function describeDuration(step: StepRecord): string {
  if (step.endedAt === undefined) return '';
  return `${((Date.parse(step.endedAt) - Date.parse(step.startedAt)) / 1_000).toFixed(1)} s`;
}
