/** What people may do about where a release stands, in words. Shared by every view. */
import { nameMissing } from '../approvals.ts';
import { COMMANDS, isCommandName } from '../commands/command-table.ts';
import type { ReleaseRecord, StepRecord } from '../record/record.ts';
import { nameRole, nameTime, writeCommand } from './words.ts';

/** The steps that stopped the release, newest last. */
export function failedSteps(record: ReleaseRecord): StepRecord[] {
  return record.steps.filter((step) => step.status === 'failed' && step.failure !== undefined);
}

/** For whom or what it waits, as people say it: `CEO and Engineering Lead`. `undefined` when it waits for nothing. */
export function nameWaiting(record: ReleaseRecord): string | undefined {
  if (record.endedAt !== undefined) return undefined;
  if (isPreempted(record)) return `the end of ${record.held?.by}, then a new plan`;
  if (record.held) return `somebody to resume it (held by ${record.held.by})`;
  const open = record.approvals.filter((gate) => gate.status === 'open');
  const missing = [...new Set(open.flatMap((gate) => nameMissing(gate, nameRole)))];
  const people = missing.length > 0 ? missing : (record.waiting?.for ?? []).map(nameRole);
  const names = [...people, ...(record.missingWorkers ?? []).map(({ role }) => `a ${role} worker`)];
  if (names.length === 0) return undefined;
  return names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Since when it waits, ISO 8601. */
export function waitingSince(record: ReleaseRecord): string | undefined {
  if (record.held) return record.held.at;
  const asked = record.approvals.find((gate) => gate.status === 'open')?.openedAt ?? record.waiting?.since;
  return asked ?? record.missingWorkers?.[0]?.since;
}

/** Why it waits, in a sentence: what the question says, and which role's worker takes nothing up. */
export function waitingReason(record: ReleaseRecord): string | undefined {
  if (record.held) return record.held.reason;
  const missing = (record.missingWorkers ?? []).map(({ role, since, why }) =>
    why === undefined
      ? `no ${role} worker since ${nameTime(since)}`
      : `the ${role} worker cannot begin since ${nameTime(since)}: ${why}`,
  );
  const reasons = [...(record.waiting ? [record.waiting.reason] : []), ...missing];
  return reasons.length === 0 ? undefined : reasons.join('; ');
}

/** One line for each thing that somebody may do now. Commands carry the open gate's real name. */
export function listAdvice(record: ReleaseRecord): string[] {
  if (record.endedAt !== undefined) return [];
  const held = isPreempted(record) ? ['replan', 'abort'] : ['resume', 'abort'];
  const actions = record.held ? held : (record.waiting?.actions ?? []);
  const gate = record.approvals.find((candidate) => candidate.status === 'open')?.key ?? 'GATE';
  const commands = actions.flatMap((action) => {
    const advise = isCommandName(action) ? COMMANDS[action].advise : undefined;
    return advise ? [advise((name, ...args) => writeCommand(record, name, ...args), gate)] : [];
  });
  const workers = (record.missingWorkers ?? []).map(({ role, why }) =>
    why === undefined
      ? `start a ${role} worker (\`windlass worker --role ${role}\`), or look whether all are busy: it goes on by itself`
      : 'mend the configuration (`windlass config check` shows every mistake): it goes on by itself',
  );
  return [...commands, ...workers];
}

/** A hotfix has right of way: the release is planned anew afterwards, never simply resumed. */
function isPreempted(record: ReleaseRecord): boolean {
  return record.control?.preemptedBy !== undefined;
}
