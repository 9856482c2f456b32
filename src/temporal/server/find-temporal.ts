import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { TemporalProblem } from '../temporal-problem.ts';
import { buildTemporal, checkGo } from './build-temporal.ts';
import { downloadWithSdk, findDownloadedBinary } from './download-with-sdk.ts';
import { locateBuiltBinary } from './temporal-cache.ts';
import { checkTemporalBinary } from './temporal-version.ts';

/** The places where Temporal is looked for, in this order. */
export type TemporalSource =
  | 'TEMPORAL_ADDRESS'
  | 'TEMPORAL_CLI_PATH'
  | 'PATH'
  | 'built before'
  | 'downloaded before'
  | 'SDK download'
  | 'build from Go modules';

/** What became of one place, for `windlass doctor`. */
export interface TemporalCandidate {
  source: TemporalSource;
  outcome: 'taken' | 'passed over' | 'possible' | 'not tried';
  /** Part of a sentence: why it was taken or passed over. */
  reason: string;
  /** The binary or address, where there is one. */
  location?: string;
}

/** Where Temporal is to be had: a server that runs already, or a binary that starts one. */
export type TemporalChoice =
  | { kind: 'address'; address: string; source: TemporalSource }
  | { kind: 'binary'; binary: string; server: string; source: TemporalSource };

export interface TemporalFinding {
  choice: TemporalChoice | undefined;
  candidates: TemporalCandidate[];
}

export interface FindTemporalOptions {
  /** The process's environment, as `src/config` read it. */
  environment: Record<string, string | undefined>;
  /** Folder that holds `tools/temporal-cli`. */
  projectRoot: string;
  /** `look` only looks at what is there (doctor); `obtain` downloads or builds where nothing is there. */
  mode: 'look' | 'obtain';
  /** Gets a sentence every few seconds while something takes long. */
  onProgress?: (message: string) => void;
}

interface Attempt {
  source: TemporalSource;
  attempt: () => Promise<{ choice: TemporalChoice; reason: string } | Omit<TemporalCandidate, 'source'>>;
}

/**
 * Finds Temporal in the order of `TemporalSource` and keeps for every place why it was taken or passed over.
 * Never rejects for a missing Temporal: then `choice` is undefined.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<TemporalFinding> {
  const candidates: TemporalCandidate[] = [];
  let choice: TemporalChoice | undefined;
  for (const { source, attempt } of listAttempts(options)) {
    if (choice !== undefined) {
      candidates.push({ source, outcome: 'not tried', reason: 'an earlier place had it' });
      continue;
    }
    const result = await attempt();
    if ('choice' in result) {
      choice = result.choice;
      const location = choice.kind === 'address' ? choice.address : choice.binary;
      candidates.push({ source, outcome: 'taken', reason: result.reason, location });
    } else {
      candidates.push({ source, ...result });
    }
  }
  return { choice, candidates };
}

/**
 * Like `findTemporal`, obtaining Temporal where none is there.
 * @throws TemporalProblem that lists every place with its reason and says what to do.
 */
export async function ensureTemporal(options: Omit<FindTemporalOptions, 'mode'>): Promise<TemporalChoice> {
  const { choice, candidates } = await findTemporal({ ...options, mode: 'obtain' });
  if (choice !== undefined) return choice;
  const places = candidates.map(({ source, reason }) => `  - ${source}: ${reason}`).join('\n');
  throw new TemporalProblem(
    `No Temporal server could be had. Looked, in this order, at:\n${places}\n` +
      'Any one of these helps: install Go (https://go.dev/dl) and start again; install the Temporal command line ' +
      '(https://docs.temporal.io/cli); or set TEMPORAL_ADDRESS to a server that runs already.',
  );
}

function listAttempts(options: FindTemporalOptions): Attempt[] {
  const { environment } = options;
  return [
    { source: 'TEMPORAL_ADDRESS', attempt: async () => takeAddress(environment['TEMPORAL_ADDRESS']) },
    {
      source: 'TEMPORAL_CLI_PATH',
      attempt: async () => {
        const path = environment['TEMPORAL_CLI_PATH'];
        if (!path) return { outcome: 'passed over', reason: 'not set' };
        return tryBinary('TEMPORAL_CLI_PATH', path, options);
      },
    },
    { source: 'PATH', attempt: () => tryPath(options) },
    {
      source: 'built before',
      attempt: async () => {
        const path = await locateBuiltBinary(environment, options.projectRoot);
        if (!(await isExecutable(path))) return { outcome: 'passed over', reason: `not there (${path})` };
        return tryBinary('built before', path, options);
      },
    },
    {
      source: 'downloaded before',
      attempt: async () => {
        const path = await findDownloadedBinary(environment);
        if (path === undefined) return { outcome: 'passed over', reason: 'nothing was downloaded yet' };
        return tryBinary('downloaded before', path, options);
      },
    },
    { source: 'SDK download', attempt: () => tryDownload(options) },
    { source: 'build from Go modules', attempt: () => tryBuild(options) },
  ];
}

function takeAddress(value: string | undefined): Awaited<ReturnType<Attempt['attempt']>> {
  const address = value?.trim();
  if (!address) return { outcome: 'passed over', reason: 'not set' };
  if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.test(address)) {
    throw new TemporalProblem(
      `TEMPORAL_ADDRESS is ${JSON.stringify(address.slice(0, 200))}, which is not HOST:PORT. Nothing was started. ` +
        'Set it like 127.0.0.1:7233, without http:// and without a path, or unset it.',
    );
  }
  return {
    choice: { kind: 'address', address, source: 'TEMPORAL_ADDRESS' },
    reason: 'it names a server that runs already',
  };
}

async function tryBinary(source: TemporalSource, path: string, options: FindTemporalOptions) {
  const check = await checkTemporalBinary(path, options.environment);
  if (!check.usable) return { outcome: 'passed over' as const, reason: check.reason, location: path };
  const choice: TemporalChoice = { kind: 'binary', binary: path, server: check.version.server, source };
  return { choice, reason: `its server is ${check.version.server}` };
}

async function tryPath(options: FindTemporalOptions) {
  for (const folder of (options.environment['PATH'] ?? '').split(delimiter)) {
    // A relative entry would make the choice depend on the folder that one happens to be in.
    if (!isAbsolute(folder)) continue;
    const path = join(folder, 'temporal');
    if (await isExecutable(path)) return tryBinary('PATH', path, options);
  }
  return { outcome: 'passed over' as const, reason: 'no program "temporal" there' };
}

async function tryDownload(options: FindTemporalOptions) {
  if (options.mode === 'look') {
    return { outcome: 'possible' as const, reason: 'would be tried for 20 s when a server is needed' };
  }
  options.onProgress?.('No Temporal here yet; trying the SDK’s own download (20 s at most).');
  const result = await downloadWithSdk(options.environment);
  if ('reason' in result) return { outcome: 'passed over' as const, reason: result.reason };
  return tryBinary('SDK download', result.path, options);
}

async function tryBuild(options: FindTemporalOptions) {
  if (options.mode === 'look') {
    const go = await checkGo(options.environment);
    if ('reason' in go) return { outcome: 'passed over' as const, reason: go.reason };
    return {
      outcome: 'possible' as const,
      reason: `${go.version} would build it when a server is needed (6 to 9 minutes, once)`,
    };
  }
  const result = await buildTemporal({
    environment: options.environment,
    projectRoot: options.projectRoot,
    onProgress: options.onProgress ?? (() => undefined),
  });
  if ('reason' in result) return { outcome: 'passed over' as const, reason: result.reason };
  return tryBinary('build from Go modules', result.path, options);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
