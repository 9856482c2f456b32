import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFolderLock } from '../../integrations/process/folder-lock.ts';
import { TEMPORAL_MS } from '../../release/policy/inner-times.ts';
import { runCommand } from './run-command.ts';
import { locateBuiltBinary, locateCliModule } from './temporal-cache.ts';
import { checkTemporalBinary } from './temporal-version.ts';

const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
/** Go fetches a newer toolchain for itself from this version on. */
const OLDEST_USABLE_GO = 21;

export interface BuildOptions {
  environment: Record<string, string | undefined>;
  projectRoot: string;
  onProgress: (message: string) => void;
}

/** The built binary's path, or the reason why there is none, as part of a sentence. */
export type BuildResult = { path: string } | { reason: string };

/** Which Go there is: its version as it calls itself, or the reason why it cannot build Temporal. */
export async function checkGo(
  environment: Record<string, string | undefined>,
): Promise<{ version: string } | { reason: string }> {
  // `local` keeps the question from downloading a toolchain.
  const asked = await runCommand('go', ['env', 'GOVERSION'], {
    environment: { ...environment, GOTOOLCHAIN: 'local' },
    timeoutMs: TEMPORAL_MS.goVersion,
  });
  const version = asked.stdout.trim();
  if (asked.startError !== undefined || asked.code !== 0) {
    return { reason: 'there is no Go on the PATH (https://go.dev/dl has it)' };
  }
  const minor = /^go1\.(\d+)/.exec(version)?.[1];
  if (minor !== undefined && Number(minor) < OLDEST_USABLE_GO) {
    return {
      reason: `${version} is too old: Go 1.${OLDEST_USABLE_GO} or later is needed (https://go.dev/dl)`,
    };
  }
  return { version };
}

/**
 * Builds the Temporal command line from the sources pinned in `tools/temporal-cli` into the cache. Processes
 * that want the same binary at once build it once; the result appears by rename, whole or not at all.
 */
export async function buildTemporal(options: BuildOptions): Promise<BuildResult> {
  const go = await checkGo(options.environment);
  if ('reason' in go) return go;
  const target = await locateBuiltBinary(options.environment, options.projectRoot);
  await mkdir(dirname(target), { recursive: true });
  const onWait = throttle(() =>
    options.onProgress(`Another process is building the Temporal server; waiting for it.`),
  );
  // Correctness never rests on the lock, since the result is renamed into place: it saves the work of building twice.
  return withFolderLock(
    `${target}.locks`,
    async () => {
      if ((await checkTemporalBinary(target, options.environment)).usable) return { path: target };
      return runBuild(options, target);
    },
    { onWait, patienceMs: 2 * TEMPORAL_MS.build },
  );
}

async function runBuild(options: BuildOptions, target: string): Promise<BuildResult> {
  const temporary = `${target}.${process.pid}.part`;
  const startedAt = Date.now();
  let downloaded = 0;
  let compiled = 0;
  options.onProgress(
    'Building the Temporal server from its Go sources, once for this machine: 6 to 9 minutes on 2 cores, seconds when Go has it cached.',
  );
  const ticker = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    options.onProgress(
      `Building the Temporal server: ${seconds} s, ${downloaded} modules downloaded, ${compiled} packages compiled (about 1,800 in all).`,
    );
  }, TEMPORAL_MS.buildProgress);
  try {
    // -v names every package as it is compiled; with a pinned go.sum -mod=readonly refuses anything else.
    const args = ['build', '-v', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', temporary, PACKAGE];
    const result = await runCommand('go', args, {
      cwd: locateCliModule(options.projectRoot),
      environment: { ...options.environment, GOWORK: 'off' },
      timeoutMs: TEMPORAL_MS.build,
      onErrorLine: (line) => {
        if (line.startsWith('go: downloading ')) downloaded += 1;
        else compiled += 1;
      },
    });
    if (result.timedOut)
      return { reason: `the build did not end within ${TEMPORAL_MS.build / 60_000} minutes` };
    if (result.code !== 0) {
      const tail = result.stderr.trim().split('\n').slice(-8).join('\n    ');
      return { reason: `the build failed; the end of its output:\n    ${tail}` };
    }
    await rename(temporary, target);
    options.onProgress(`Built the Temporal server in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
    return { path: target };
  } finally {
    clearInterval(ticker);
    await rm(temporary, { force: true });
  }
}

/** Calls through at most once in `TEMPORAL_MS.buildProgress`. */
function throttle(call: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const now = Date.now();
    if (now - last < TEMPORAL_MS.buildProgress) return;
    last = now;
    call();
  };
}
