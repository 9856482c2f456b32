import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TEMPORAL_MS } from '../../release/policy/inner-times.ts';
import { runCommand } from './run-command.ts';
import { locateDownloadFolder } from './temporal-cache.ts';

/** The downloaded binary, if one is in the cache. */
export async function findDownloadedBinary(
  environment: Record<string, string | undefined>,
): Promise<string | undefined> {
  const folder = locateDownloadFolder(environment);
  const names = await readdir(folder).catch(() => []);
  for (const name of names
    .filter((each) => /^temporal-sdk-typescript-[\w.-]+$/.test(each))
    .sort()
    .reverse()) {
    const path = join(folder, name);
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return path;
  }
  return undefined;
}

/** Lets the SDK download the Temporal command line into the cache; gives up after `TEMPORAL_MS.download`. */
export async function downloadWithSdk(
  environment: Record<string, string | undefined>,
): Promise<{ path: string } | { reason: string }> {
  const program = fileURLToPath(new URL('./sdk-download.ts', import.meta.url));
  const result = await runCommand(process.execPath, [program, locateDownloadFolder(environment)], {
    environment,
    timeoutMs: TEMPORAL_MS.download,
  });
  if (result.timedOut) return { reason: `it did not finish within ${TEMPORAL_MS.download / 1000} s` };
  if (result.code !== 0) {
    return { reason: shortenCause(result.stderr) };
  }
  const path = await findDownloadedBinary(environment);
  return path === undefined ? { reason: 'it left no executable file' } : { path };
}

/** The SDK joins a chain of causes by ": "; the last one says what happened. */
function shortenCause(output: string): string {
  const line = output.trim().split('\n').at(-1) ?? '';
  const causes = line.split(/:\s/);
  return causes.slice(-2).join(': ').slice(0, 300) || 'it failed without saying why';
}
