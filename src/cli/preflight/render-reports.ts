import type { PreflightFinding, PreflightReport } from '../../contracts/preflight.ts';
import { printable } from '../../release/plan/printable.ts';

/** The reports as plain text: what stands against a release by role, with what to do. */
export function renderReports(product: string, reports: PreflightReport[]): string {
  const lines = reports.flatMap(({ role, findings }) => [role, ...findings.flatMap(renderFinding)]);
  const all = reports.flatMap(({ findings }) => findings);
  const problems = all.filter(({ state }) => state === 'problem').length;
  const warnings = all.filter(({ state }) => state === 'warning').length;
  const counted = `${all.length} looked at, ${problems} problems, ${warnings} warnings`;
  const verdict =
    problems > 0
      ? `A release of ${product} could not end as things are: see PROBLEM above.`
      : `Nothing stands against a release of ${product}.`;
  return `${lines.join('\n')}\n\n${counted}. ${verdict} Nothing was changed.\n`;
}

function renderFinding({ subject, state, found, advice }: PreflightFinding): string[] {
  const labels = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;
  const first = `  ${labels[state]}  ${printable(subject)}: ${printable(found)}`;
  return advice === undefined ? [first] : [first, `           -> ${printable(advice)}`];
}
