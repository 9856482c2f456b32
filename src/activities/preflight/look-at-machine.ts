import { mkdir, statfs } from 'node:fs/promises';
import type { Look } from './look.ts';

const MIB = 1024 * 1024;
/** Less than this, and a checkout or a build fails half-way. In bytes. */
const TOO_LITTLE = 256 * MIB;
/** A few checkouts with their builds. In bytes. */
const ENOUGH = 2048 * MIB;

/** Is there room for mirrors, checkouts and builds? */
export const lookAtSpace: Look = async ({ deps }) => {
  const folder = deps.installation.workFolder;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const subject = 'free space';
  const found = `${Math.floor(free / MIB)} MiB in ${folder}`;
  if (free >= ENOUGH) return [{ subject, state: 'ok', found }];
  const advice = 'make room there, or move work_folder to a larger disk';
  return [{ subject, state: free < TOO_LITTLE ? 'problem' : 'warning', found, advice }];
};

/** Does a build or a test see what else runs here? */
export const lookAtIsolation: Look = async ({ deps: { installation, isolation } }) => {
  const subject = 'isolation of scripts';
  if (isolation === undefined) {
    return [{ subject, state: 'ok', found: 'not wanted (workers.isolate_scripts: never)' }];
  }
  if ('program' in isolation) {
    return [{ subject, state: 'ok', found: `builds and tests are kept apart by ${isolation.program}` }];
  }
  const state = installation.workers.isolateScripts === 'always' ? 'problem' : 'warning';
  const found = `builds and tests can read what else this user runs: ${isolation.problem}`;
  const advice = 'install bubblewrap, and allow user namespaces in this container or machine';
  return [{ subject, state, found, advice }];
};
