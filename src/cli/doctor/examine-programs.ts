import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { runCommand } from '../../temporal/server/run-command.ts';
import { isAtLeast } from '../../temporal/server/temporal-version.ts';
import type { DoctorFinding, Environment } from './finding.ts';

/** Programs that Windlass needs, with the oldest version that has what it uses. */
export const NEEDED_PROGRAMS = [
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
export const OPTIONAL_PROGRAMS = [
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

/** A program without which Windlass cannot work. */
export async function examineNeeded(
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

/** A program that a single feature needs. */
export async function examineOptional(
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
