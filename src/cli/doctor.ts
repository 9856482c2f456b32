import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectClient } from '../temporal/connection.ts';
import { findFreePort } from '../temporal/free-port.ts';
import { findTemporal, type TemporalFinding } from '../temporal/server/find-temporal.ts';
import { runCommand } from '../temporal/server/run-command.ts';
import { locateCacheFolder } from '../temporal/server/temporal-cache.ts';
import { isAtLeast } from '../temporal/server/temporal-version.ts';
import { TemporalProblem } from '../temporal/temporal-problem.ts';
import { describeWorkflowBundle } from '../workers/workflow-bundle.ts';
import { readArguments } from './line/read-arguments.ts';
import { findWorkerProblem } from './process/find-worker-problem.ts';

type Environment = Record<string, string | undefined>;

/** One finding. `problem` keeps Windlass from working; `missing` is an optional thing that is not there. */
export interface DoctorFinding {
  name: string;
  state: 'ok' | 'problem' | 'missing';
  /** What was found, as a sentence without its full stop. */
  found: string;
  /** What to do about it; absent where nothing is to be done. */
  advice?: string;
}

/** What `windlass doctor --json` prints. */
export interface DoctorReport {
  healthy: boolean;
  findings: DoctorFinding[];
  /** Every place where Temporal was looked for, in order, and why it was taken or passed over. */
  temporal: TemporalFinding['candidates'];
}

const HELP = `Usage: windlass doctor [--json]

Looks at what Windlass needs on this machine and says what is missing, what to do about it, and which Temporal
would be used and why. Changes nothing and downloads nothing.

Exit codes: 0 everything needed is there, 1 something needed is missing, 2 wrong use.
`;

/** Programs that Windlass needs, with the oldest version that has what it uses. */
const NEEDED_PROGRAMS = [
  {
    name: 'npm',
    args: ['--version'],
    oldest: '9.0.0',
    advice: 'Install Node 20 or later with npm (https://nodejs.org).',
  },
  // The oldest that a supported distribution still carries.
  {
    name: 'git',
    args: ['--version'],
    // What the oldest distributions that still get updates carry.
    oldest: '2.34.0',
    advice: 'Install git 2.34 or later (https://git-scm.com).',
  },
] as const;

/** Programs that single features need, and what goes without them. */
const OPTIONAL_PROGRAMS = [
  {
    name: 'go',
    alternatives: ['go'],
    args: ['version'],
    without: 'only needed where Temporal must be built from source',
  },
  {
    name: 'prometheus',
    alternatives: ['prometheus'],
    args: ['--version'],
    without: 'its integration tests are skipped',
  },
  {
    name: 'chromium',
    alternatives: ['chromium', 'chromium-browser', 'google-chrome'],
    args: ['--version'],
    without: 'tests of the web pages are skipped',
  },
  {
    name: 'docker registry',
    alternatives: ['docker-registry'],
    args: ['--version'],
    without: 'tests of publishing images are skipped',
  },
  {
    name: 'docker compose',
    alternatives: ['docker-compose', 'docker'],
    args: ['compose', 'version'],
    without: 'the compose file cannot be run or checked here',
  },
] as const;

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
export async function examine(environment: Environment): Promise<DoctorReport> {
  const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
  const findings = await Promise.all([
    examineNode(projectRoot),
    examineWorkflows(),
    examineWorkerParts(),
    ...NEEDED_PROGRAMS.map((program) => examineNeeded(program, environment)),
    examineCache(environment),
    examineLoopback(),
  ]);
  const temporal = await examineTemporal(environment, projectRoot);
  const optional = await Promise.all(
    OPTIONAL_PROGRAMS.map((program) => examineOptional(program, environment)),
  );
  const all = [...findings, temporal.finding, ...optional];
  return {
    healthy: all.every(({ state }) => state !== 'problem'),
    findings: all,
    temporal: temporal.candidates,
  };
}

async function examineNode(projectRoot: string): Promise<DoctorFinding> {
  const manifest = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
    devDependencies?: Record<string, string>;
  };
  // The package runs on every Node that its door lets in; the sources need the one that the checkout brings.
  const oldest = import.meta.url.endsWith('.ts') ? manifest.devDependencies?.['node'] : undefined;
  const major = oldest?.split('.')[0];
  if (major === undefined || isAtLeast(process.versions.node, `${major}.0.0`)) {
    return { name: 'node', state: 'ok', found: `${process.versions.node} runs this` };
  }
  return {
    name: 'node',
    state: 'problem',
    found: `${process.versions.node} runs this, and ${major} or later is needed`,
    advice: 'Run "npm ci" in the checkout, which brings that Node, and start through bin/windlass.',
  };
}

function examineWorkerParts(): DoctorFinding {
  const problem = findWorkerProblem();
  if (problem === undefined) return { name: 'temporal sdk', state: 'ok', found: 'workers can run here' };
  return { name: 'temporal sdk', state: 'missing', ...problem };
}

async function examineWorkflows(): Promise<DoctorFinding> {
  const { found, whole } = await describeWorkflowBundle();
  if (whole) return { name: 'workflows', state: 'ok', found };
  return { name: 'workflows', state: 'problem', found, advice: 'Install the package again.' };
}

async function examineNeeded(
  program: (typeof NEEDED_PROGRAMS)[number],
  environment: Environment,
): Promise<DoctorFinding> {
  const version = await askVersion(program.name, program.args, environment);
  if (version === undefined) {
    return { name: program.name, state: 'problem', found: 'not on the PATH', advice: program.advice };
  }
  if (!isAtLeast(version, program.oldest)) {
    const found = `${version}, and ${program.oldest} or later is needed`;
    return { name: program.name, state: 'problem', found, advice: program.advice };
  }
  return { name: program.name, state: 'ok', found: version };
}

async function examineOptional(
  program: (typeof OPTIONAL_PROGRAMS)[number],
  environment: Environment,
): Promise<DoctorFinding> {
  for (const name of program.alternatives) {
    // The old docker-compose is a program of its own; docker has `compose` as a plug-in.
    const args = name === 'docker-compose' ? ['version'] : program.args;
    if (!(await isOnPath(name, environment))) continue;
    const version = await askVersion(name, args, environment);
    if (version !== undefined) return { name: program.name, state: 'ok', found: `${version} (${name})` };
  }
  return { name: program.name, state: 'missing', found: `not here: ${program.without}` };
}

async function examineCache(environment: Environment): Promise<DoctorFinding> {
  const folder = locateCacheFolder(environment);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return { name: 'cache folder', state: 'ok', found: folder };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return {
      name: 'cache folder',
      state: 'problem',
      found: `${folder} cannot be written (${reason})`,
      advice: 'Make it writable, or set XDG_CACHE_HOME to a folder that is.',
    };
  }
}

async function examineLoopback(): Promise<DoctorFinding> {
  try {
    await findFreePort();
    return { name: 'ports', state: 'ok', found: 'local servers can listen on 127.0.0.1' };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return {
      name: 'ports',
      state: 'problem',
      found: `no port of 127.0.0.1 can be listened on (${reason})`,
      advice: 'Allow this user to listen on loopback ports.',
    };
  }
}

async function examineTemporal(
  environment: Environment,
  projectRoot: string,
): Promise<{ finding: DoctorFinding; candidates: TemporalFinding['candidates'] }> {
  const name = 'temporal';
  let result: TemporalFinding;
  try {
    result = await findTemporal({ environment, projectRoot, mode: 'look' });
  } catch (error) {
    if (!(error instanceof TemporalProblem)) throw error;
    return { finding: { name, state: 'problem', found: error.message }, candidates: [] };
  }
  const { choice, candidates } = result;
  if (choice?.kind === 'binary') {
    const found = `server ${choice.server} (${choice.source}: ${choice.binary})`;
    return { finding: { name, state: 'ok', found }, candidates };
  }
  if (choice?.kind === 'address') {
    return { finding: await examineAddress(choice.address, environment), candidates };
  }
  const possible = candidates.filter(({ outcome }) => outcome === 'possible');
  const buildable = possible.find(({ source }) => source === 'build from Go modules');
  if (buildable !== undefined) {
    return { finding: { name, state: 'ok', found: `none yet: ${buildable.reason}` }, candidates };
  }
  const finding: DoctorFinding = {
    name,
    state: 'problem',
    found: 'none here, and no Go to build it with; only a download could help',
    advice:
      'Install Go (https://go.dev/dl), or the Temporal command line (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS.',
  };
  return { finding, candidates };
}

async function examineAddress(address: string, environment: Environment): Promise<DoctorFinding> {
  const namespace = environment['TEMPORAL_NAMESPACE'] || 'default';
  try {
    const { close } = await connectClient({ address, namespace });
    await close();
    return { name: 'temporal', state: 'ok', found: `the server at ${address} answers (TEMPORAL_ADDRESS)` };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return {
      name: 'temporal',
      state: 'problem',
      found,
      advice: 'Start that server or unset TEMPORAL_ADDRESS.',
    };
  }
}

/** The first thing in a program's output that looks like a version; undefined when it is not there or fails. */
async function askVersion(
  file: string,
  args: readonly string[],
  environment: Environment,
): Promise<string | undefined> {
  const { code, stdout, stderr } = await runCommand(file, args, { environment, timeoutMs: 10_000 });
  if (code !== 0) return undefined;
  return /\d+\.\d+(?:\.\d+)*/.exec(`${stdout}\n${stderr}`)?.[0];
}

async function isOnPath(name: string, environment: Environment): Promise<boolean> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const there = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
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
