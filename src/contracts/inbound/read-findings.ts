import { type CodedFinding, PREFLIGHT_LOOKS } from '../preflight.ts';

/** A record has room for so many findings, of whatever a queue answers. */
const MOST_FINDINGS = 200;
const LONGEST = 600;

/** What a role's worker answered to a preflight. Total: whatever is no finding is left out, texts are cut. */
export function readFindings(answer: unknown): CodedFinding[] {
  const findings = (answer as { findings?: unknown } | null | undefined)?.findings;
  if (!Array.isArray(findings)) return [];
  return findings.slice(0, MOST_FINDINGS).flatMap(readFinding);
}

function readFinding(value: unknown): CodedFinding[] {
  if (value === null || typeof value !== 'object') return [];
  const { code, subject, state, found, advice } = value as Record<string, unknown>;
  if (typeof subject !== 'string' || typeof found !== 'string') return [];
  if (state !== 'ok' && state !== 'warning' && state !== 'problem') return [];
  return [
    {
      // A worker that is about to be replaced gives none yet.
      code: PREFLIGHT_LOOKS.find((look) => look === code) ?? 'worker',
      subject: subject.slice(0, LONGEST),
      state,
      found: found.slice(0, LONGEST),
      ...(typeof advice === 'string' ? { advice: advice.slice(0, LONGEST) } : {}),
    },
  ];
}
