import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { probeIsolation } from '../../integrations/process/isolate-script.ts';
import { findFreePort } from '../../temporal/free-port.ts';
import { locateCacheFolder } from '../../temporal/server/temporal-cache.ts';
import { isAtLeast } from '../../temporal/server/temporal-version.ts';
import { describeWorkflowBundle } from '../../workers/workflow-bundle.ts';
import { findWorkerProblem } from '../process/find-worker-problem.ts';
import type { DoctorFinding, Environment } from './finding.ts';

/** The Node that runs this: any for the package, the one of the checkout for the sources. */
export async function examineNode(projectRoot: string): Promise<DoctorFinding> {
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

/** Whether the parts of Temporal’s SDK that workers need can be loaded here. */
export function examineWorkerParts(): DoctorFinding {
  const problem = findWorkerProblem();
  if (problem === undefined) return { name: 'temporal sdk', state: 'ok', found: 'workers can run here' };
  return { name: 'temporal sdk', state: 'missing', ...problem };
}

/** Whether the bundle of the workflows is there and whole. */
export async function examineWorkflows(): Promise<DoctorFinding> {
  const { found, whole } = await describeWorkflowBundle();
  if (whole) return { name: 'workflows', state: 'ok', found };
  return { name: 'workflows', state: 'problem', found, advice: 'Install the package again.' };
}

/** The folder for what is made once for this machine; it is made where it is not there. */
export async function examineCache(environment: Environment): Promise<DoctorFinding> {
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

/** Whether a local server can listen at all. */
export async function examineLoopback(): Promise<DoctorFinding> {
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

/** Whether scripts that build and test can be kept apart from what else this user runs. */
export async function examineIsolation(environment: Environment): Promise<DoctorFinding> {
  const name = 'isolation';
  const isolation = await probeIsolation(environment['PATH'] ?? '');
  if ('program' in isolation) {
    return { name, state: 'ok', found: `builds and tests are kept apart by ${isolation.program}` };
  }
  return {
    name,
    state: 'missing',
    found: `builds and tests see what else this user runs: ${isolation.problem}`,
    advice:
      'Install bubblewrap and allow user namespaces (in a container: a seccomp profile with unshare and mount, and an unmasked /proc); or give each role a machine or container of its own.',
  };
}
