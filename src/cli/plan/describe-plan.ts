import type { Plan } from '../../release/plan/plan-release.ts';
import { printable } from '../../release/plan/printable.ts';

/** The plan as text for a terminal. */
export function describePlan(
  plan: Plan,
  more: { written: string[]; uncounted: boolean; folder: string | null },
): string {
  const lines: string[] = [];
  if (more.folder !== null) lines.push(`Planned: ${more.folder}, the package of this folder.`);
  if (more.uncounted) {
    lines.push('No version can be planned.');
  } else if (plan.next === null) {
    lines.push(`Nothing calls for a release${plan.current === null ? '' : ` since ${plan.current}`}.`);
  } else {
    lines.push(
      `Next version: ${plan.next} (${plan.bump}${plan.current === null ? ', the first release' : ` after ${plan.current}`})`,
    );
  }
  if (plan.reasons.length > 0) {
    lines.push('', 'Decided by:');
    for (const reason of plan.reasons)
      lines.push(`  ${reason.sha.slice(0, 10)} ${reason.bump} ${reason.subject}`);
  }
  if (plan.warnings.length > 0) lines.push('', ...plan.warnings.map((warning) => `Warning: ${warning}`));
  if (plan.changelog !== '') lines.push('', '--- Changelog ---', '', plan.changelog.trimEnd());
  if (plan.notes !== '') lines.push('', '--- Release notes ---', '', plan.notes.trimEnd());
  if (more.written.length > 0) lines.push('', ...more.written);
  return `${printable(lines.join('\n'))}\n`;
}

/** The plan as JSON data, what programs look for first. */
export function toJson(plan: Plan) {
  const { current, next, bump, reasons, commits, changelog, notes, warnings, ...more } = plan;
  return { current, next, bump, reasons, commits, changelog, notes, warnings, ...more };
}
