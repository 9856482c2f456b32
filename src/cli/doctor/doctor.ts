import { fileURLToPath } from 'node:url';
import type { TemporalFinding } from '../../temporal/server/find-temporal.ts';
import { readArguments } from '../line/read-arguments.ts';
import { examineConfiguration } from './examine-configuration.ts';
import {
  examineCache,
  examineIsolation,
  examineLoopback,
  examineNode,
  examineWorkerParts,
  examineWorkflows,
} from './examine-machine.ts';
import { examineNeeded, examineOptional, NEEDED_PROGRAMS, OPTIONAL_PROGRAMS } from './examine-programs.ts';
import { examineTemporal } from './examine-temporal.ts';
import type { DoctorFinding, Environment } from './finding.ts';

/** What `windlass doctor --json` prints. */
export interface DoctorReport {
  healthy: boolean;
  findings: DoctorFinding[];
  /** Every place where Temporal was looked for, in order, and why it was taken or passed over. */
  temporal: TemporalFinding['candidates'];
}

const HELP = `Usage: windlass doctor [--json]

Looks at what Windlass needs on this machine and says what is missing, what to do about it, and which Temporal
would be used and why; with a configuration (WINDLASS_CONFIG, else the nearest windlass.yaml) also whether it can be
used, and which products it stops. Changes nothing and downloads nothing.

Exit codes: 0 everything needed is there, 1 something needed is missing, 2 wrong use.
`;

/**
 * `windlass doctor`: prints what is there and what is missing.
 * @param argv the arguments after `doctor`
 * @returns the exit code
 */
export async function runDoctor(argv: string[], environment: Environment): Promise<number> {
  const read = readArguments({ command: 'doctor', switches: ['json'] }, argv);
  if (read === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const report = await examine(environment);
  process.stdout.write(
    read.switches.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report),
  );
  return report.healthy ? 0 : 1;
}

/** Looks at everything; nothing is changed but that the cache folder is made. */
export async function examine(
  environment: Environment,
  folder: string = process.cwd(),
): Promise<DoctorReport> {
  const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));
  const findings = await Promise.all([
    examineNode(projectRoot),
    examineWorkflows(),
    examineWorkerParts(),
    ...NEEDED_PROGRAMS.map((program) => examineNeeded(program, environment)),
    examineCache(environment),
    examineLoopback(),
    examineIsolation(environment),
  ]);
  const configuration = await examineConfiguration(environment, folder);
  const temporal = await examineTemporal(environment, projectRoot);
  const optional = await Promise.all(
    OPTIONAL_PROGRAMS.map((program) => examineOptional(program, environment)),
  );
  const all = [...findings, ...configuration, temporal.finding, ...optional];
  return {
    healthy: all.every(({ state }) => state !== 'problem'),
    findings: all,
    temporal: temporal.candidates,
  };
}

/** The report as plain text, one finding a line. */
export function renderReport({ findings, temporal, healthy }: DoctorReport): string {
  const labels = { ok: 'ok      ', problem: 'PROBLEM ', missing: 'optional' } as const;
  const lines = findings.map(({ name, state, found, advice }) => {
    const first = `${labels[state]}  ${name.padEnd(16)}${found.replaceAll('\n', `\n${' '.repeat(26)}`)}`;
    return advice === undefined ? first : `${first}\n${' '.repeat(26)}-> ${advice}`;
  });
  lines.push('', 'Temporal was looked for in this order:');
  for (const { source, outcome, reason, location } of temporal) {
    const where = location === undefined ? '' : ` (${location})`;
    lines.push(`  ${source.padEnd(22)} ${outcome}: ${reason}${where}`);
  }
  const verdict = healthy
    ? 'Everything that Windlass needs is here.'
    : 'Something that Windlass needs is missing: see PROBLEM above.';
  return `${lines.join('\n')}\n\n${verdict}\n`;
}
