import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import { findNpm, npmEnvironment } from '../process/npm-program.ts';

/** npm could not make a list of what a lock file names. */
export class SbomFailed extends Error {
  override readonly name = 'SbomFailed';
}

/**
 * What a product's npm lock file names, as CycloneDX JSON made by npm itself (`npm sbom`). Only the lock file and the
 * `package.json` beside it are looked at, in the empty folder `scratch`: no settings of the checkout, no registry and no
 * script of anybody's. The same lock file and `at` (ISO 8601) give the same bytes.
 * @throws {SbomFailed}
 */
export async function describeNpmLock(
  lock: string,
  { scratch, at, signal }: { scratch: string; at: string; signal: AbortSignal },
): Promise<Buffer> {
  const folder = join(scratch, 'sbom');
  await mkdir(folder);
  await copyFile(lock, join(folder, 'package-lock.json'));
  await copyFile(join(dirname(lock), 'package.json'), join(folder, 'package.json')).catch(() => {
    throw new SbomFailed('there is no package.json beside it');
  });
  const [command, ...before] = await findNpm();
  const { stdout, stderr, failed } = await execa(
    command,
    [...before, 'sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--loglevel=error', '--logs-max=0'],
    {
      cwd: folder,
      env: npmEnvironment(scratch),
      extendEnv: false,
      reject: false,
      timeout: LIMITS_MS.pack,
      cancelSignal: signal,
    },
  );
  if (failed)
    throw new SbomFailed(`npm sbom: ${stderr.trim().split('\n').slice(0, 3).join(' ') || 'it did not end'}`);
  const { serialNumber: _, ...bom } = JSON.parse(stdout) as { serialNumber?: string; metadata?: object };
  return Buffer.from(
    `${JSON.stringify({ ...bom, metadata: { ...bom.metadata, timestamp: at } }, undefined, 2)}\n`,
  );
}
