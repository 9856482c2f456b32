import { TEMPORAL_MS } from '../../release/policy/inner-times.ts';
import { runCommand } from './run-command.ts';

/** Oldest server that Windlass works with: time skipping and the worker features it uses came with it. */
export const MINIMUM_SERVER_VERSION = '1.30.0';

/** What `temporal --version` says about a command line binary and the server inside it. */
export interface TemporalVersion {
  cli: string;
  server: string;
  ui: string | undefined;
}

/** The outcome of asking a binary for its version: usable, or the reason why not, as part of a sentence. */
export type VersionCheck =
  | { usable: true; version: TemporalVersion }
  | { usable: false; reason: string; version?: TemporalVersion };

/**
 * Reads the output of `temporal --version`, for example `temporal version 1.8.2 (Server 1.32.0, UI 2.50.1)`.
 * Builds from source call themselves `0.0.0-DEV`, so only the server's own number says how new a binary is.
 * Undefined when the text is of another program.
 */
export function parseTemporalVersion(output: string): TemporalVersion | undefined {
  const match = /temporal version (\S+) \(Server ([^,)\s]+)(?:, UI ([^)\s]+))?\)/.exec(output);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { cli: match[1], server: match[2], ui: match[3] };
}

/** Whether `version` is at least `minimum`, by the first three numbers of each; a pre-release of it counts. */
export function isAtLeast(version: string, minimum: string): boolean {
  const actual = readNumbers(version);
  const wanted = readNumbers(minimum);
  if (actual === undefined || wanted === undefined) return false;
  for (const [index, number] of wanted.entries()) {
    const difference = (actual[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function readNumbers(version: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Asks `binary` for its version (10 s limit) and judges whether its server is new enough. Never rejects. */
export async function checkTemporalBinary(
  binary: string,
  environment: Record<string, string | undefined>,
): Promise<VersionCheck> {
  const result = await runCommand(binary, ['--version'], { environment, timeoutMs: TEMPORAL_MS.version });
  if (result.startError !== undefined) {
    return { usable: false, reason: `it cannot be started (${result.startError})` };
  }
  if (result.timedOut) return { usable: false, reason: 'it did not say its version within 10 s' };
  if (result.code !== 0)
    return { usable: false, reason: `"--version" ended with ${result.code ?? 'a signal'}` };
  const version = parseTemporalVersion(result.stdout);
  if (version === undefined) {
    return {
      usable: false,
      reason: 'what it says about its version is not that of the Temporal command line',
    };
  }
  if (!isAtLeast(version.server, MINIMUM_SERVER_VERSION)) {
    const reason = `its server is ${version.server}, and ${MINIMUM_SERVER_VERSION} or later is needed`;
    return { usable: false, reason, version };
  }
  return { usable: true, version };
}
