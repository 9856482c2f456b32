import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import ssri from 'ssri';
import { findNpm, npmEnvironment } from '../../../integrations/process/npm-program.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { NpmFailure } from './failure.ts';
import { refuseLocalRanges } from './lint-package.ts';
import { readPackedManifest } from './tarball.ts';

/** A package, packed once; these bytes are tested, published and kept. */
export interface PackedPackage {
  /** Absolute path of the `.tgz`. */
  file: string;
  name: string;
  version: string;
  /** `sha512-…`, computed over the file. */
  integrity: string;
  /** SHA-1 in hex, which old registries still state. */
  shasum: string;
  bytes: number;
}

const run = promisify(execFile);

/**
 * Packs a folder with npm itself, without running the package's own scripts, in a scratch home and cache, so
 * that neither a user's `.npmrc` nor a token has a say.
 * @throws NpmFailure when npm is missing or refuses
 */
export async function packPackage(options: {
  folder: string;
  outFolder: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}): Promise<PackedPackage> {
  await mkdir(options.outFolder, { recursive: true });
  const scratch = await mkdtemp(join(options.outFolder, '.npm-'));
  try {
    const [command, ...before] = await findNpm();
    const { stdout } = await run(
      command,
      [...before, 'pack', '--json', '--ignore-scripts', '--pack-destination', options.outFolder],
      {
        cwd: options.folder,
        env: npmEnvironment(scratch),
        timeout: options.timeoutMs ?? LIMITS_MS.pack,
        maxBuffer: 64 * 1024 * 1024,
        ...(options.signal ? { signal: options.signal } : {}),
      },
    );
    return await measure(options.outFolder, stdout);
  } catch (error) {
    throw error instanceof NpmFailure ? error : describePackFailure(error, options.folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(outFolder: string, stdout: string): Promise<PackedPackage> {
  const [packed] = JSON.parse(stdout) as { filename: string; name: string; version: string }[];
  if (!packed) throw new Error('npm pack reported no file');
  // npm versions differ in how they write a scope in `filename`; the file itself lies flat.
  const file = join(outFolder, basename(packed.filename.replace(/^@/, '').replace('/', '-')));
  const content = await readFile(file);
  const refused = refuseLocalRanges(readPackedManifest(content));
  if (refused) throw refused;
  return {
    file,
    name: packed.name,
    version: packed.version,
    integrity: ssri.fromData(content, { algorithms: ['sha512'] }).toString(),
    shasum: createHash('sha1').update(content).digest('hex'),
    bytes: content.length,
  };
}

function describePackFailure(error: unknown, folder: string): NpmFailure {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  if (code === 'ENOENT') {
    return new NpmFailure({
      happened: `Could not pack ${basename(folder)}: npm was not found beside node nor on the PATH, or the folder is gone.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'Install npm on the machine of this worker.',
    });
  }
  const lines = (stderr?.trim() || message).split('\n').slice(-5).join(' ').slice(0, 500);
  return new NpmFailure({
    happened: `Could not pack ${basename(folder)}: ${lines}.`,
    outcome: 'unchanged',
    retryable: code === 'ENOSPC' || code === 'ABORT_ERR',
    advice: 'Run `npm pack` in the product’s folder to see the same, and correct package.json.',
  });
}
