import { lstat, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type LogSummary, openBoundedLog } from './bounded-log.ts';
import { checkVariables, locateScript, ScriptUnusable } from './check-script.ts';
import { isolate, type Sight } from './isolate-script.ts';
import { createMasker, maskJson, maskText } from './mask-secrets.ts';
import { removeFolder } from './remove-folder.ts';
import { searchPath } from './search-path.ts';
import type { FromShim, ToShim } from './shim-messages.ts';

const SHIM = fileURLToPath(new URL('./script-shim.ts', import.meta.url));
const GRACE_MS = 5_000;
const LARGEST_OUTPUT_BYTES = 1024 * 1024;
const REPORT_EVERY_MS = 250;

export interface ScriptRun {
  /** Folder of the checkout in which the script runs. */
  cwd: string;
  /** The checkout's root when `cwd` is a product's folder in it: the script may lie anywhere inside. Default: `cwd`. */
  root?: string;
  /** Path of the script relative to `cwd` or name of a program, then its arguments. No shell sees them. */
  command: [string, ...string[]];
  /** Whether `command` is one text for a shell instead, which somebody must have asked for. */
  shell?: boolean;
  timeoutMs: number;
  /** Time between TERM and KILL. Default: 5 s. */
  graceMs?: number;
  environment: Record<string, string>;
  /** Name of the variable to value: added to the environment, masked in all that comes out. */
  secrets: Record<string, string>;
  signal?: AbortSignal;
  logFile: string;
  /** Where the script's own temporary folder is made. Default: the system's. */
  temporaryRoot?: string;
  /** The program that keeps it apart from all else on this machine, and what it then sees. Default: it sees all. */
  apart?: Sight & { program: string };
  /** Gets the end of the log while the script runs, at most four times a second. Must not throw. */
  onOutput?: (tail: string) => void;
}

export interface ScriptResult {
  /** Null when it did not end by itself, or by a signal. */
  exitCode: number | null;
  endedBy: 'exit' | 'signal' | 'timeout' | 'cancellation';
  /** The signal that ended it, if one did. */
  signal: string | null;
  /** What the script wrote to WINDLASS_OUTPUT, secrets masked; undefined when it wrote nothing. */
  output: unknown;
  log: LogSummary;
  durationMs: number;
}

/** A script ended well but what it wrote to WINDLASS_OUTPUT cannot be used. Its effect may well have happened. */
export class ScriptOutputInvalid extends Error {
  override readonly name = 'ScriptOutputInvalid';
  readonly retryable = false;
  readonly outcome = 'unknown';
  readonly advice = 'look at the log, mend what the script writes to WINDLASS_OUTPUT, then replan';
  /** The run, without output. */
  readonly result: ScriptResult;

  constructor(message: string, result: ScriptResult) {
    super(message);
    this.result = result;
  }
}

/**
 * Runs a script of a checkout to its end, under a shim that lets nothing of it outlive the run, even when this process
 * is killed. Output goes to `logFile`: both streams in their order, secrets masked, 10 MiB kept. The environment is what
 * is given plus PATH (this Node first), LANG, and HOME, TMPDIR and WINDLASS_OUTPUT in a fresh folder.
 *
 * A script that fails, hangs or is cancelled is a result, not an error.
 * @throws {ScriptUnusable} when it cannot be started; nothing was run.
 * @throws {ScriptOutputInvalid} when it ended with 0 but its result is not JSON or larger than 1 MiB.
 */
export async function runScript(run: ScriptRun): Promise<ScriptResult> {
  checkVariables(run.command[0], { ...run.environment, ...run.secrets });
  const command = await findCommand(run);
  const secrets = Object.values(run.secrets);
  const log = await openBoundedLog(run.logFile);
  const startedAt = performance.now();
  let summary: LogSummary | undefined;
  try {
    const ending = await superviseRun(run, command, async (chunks) => {
      const masker = createMasker(secrets);
      let reportedAt = Number.NEGATIVE_INFINITY;
      for await (const chunk of chunks) {
        await log.write(masker.push(chunk));
        if (!run.onOutput || performance.now() - reportedAt < REPORT_EVERY_MS) continue;
        reportedAt = performance.now();
        run.onOutput(log.tail());
      }
      await log.write(masker.flush());
      run.onOutput?.(log.tail());
    });
    summary = await log.close();
    const { outputText, ...ended } = ending;
    const result: ScriptResult = {
      ...ended,
      output: undefined,
      log: summary,
      durationMs: Math.round(performance.now() - startedAt),
    };
    // What a failed script wrote is a hint at most: its failure is the news, not the form of its result.
    return { ...result, output: maskJson(parseOutput(outputText, run.command[0], result, secrets), secrets) };
  } finally {
    if (summary === undefined) await log.close();
  }
}

/** PATH as a script gets it. Node first: a script's `node` is the worker's, whatever the machine has. */
export function scriptPath({ environment }: Pick<ScriptRun, 'environment'>): string {
  return [dirname(process.execPath), environment['PATH'] ?? searchPath()].join(delimiter);
}

/** What is started for a script: its file, a program of the machine, or the shell; with the arguments. @throws {ScriptUnusable} */
export async function findCommand(
  run: Pick<ScriptRun, 'command' | 'shell' | 'cwd' | 'root' | 'environment'>,
): Promise<[string, ...string[]]> {
  const [first, ...rest] = run.command;
  if (run.shell === true) return ['/bin/sh', '-e', '-c', first];
  return [await locateScript(first, run.cwd, run.root ?? run.cwd, scriptPath(run)), ...rest];
}

type OutputText = { text: string } | { problem: string } | undefined;
type Ending = Pick<ScriptResult, 'exitCode' | 'endedBy' | 'signal'> & { outputText: OutputText };

/** Starts the shim, feeds its output to `consume`, and returns how the script ended when all of it is over. */
async function superviseRun(
  run: ScriptRun,
  command: [string, ...string[]],
  consume: (chunks: AsyncIterable<Buffer>) => Promise<void>,
): Promise<Ending> {
  if (run.signal?.aborted)
    return { exitCode: null, endedBy: 'cancellation', signal: null, outputText: undefined };
  const path = scriptPath(run);
  const [program, ...args] = [...(await keepApart(run)), process.execPath, '--no-warnings', SHIM];
  const shim = execa(program, args, {
    // A session of its own: what kills the worker's whole group must not kill the one who cleans up after it.
    detached: true,
    cleanup: false,
    env: { PATH: path },
    extendEnv: false,
    ipc: true,
    serialization: 'json',
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true, ipc: false },
    reject: false,
  });
  let started: Extract<FromShim, { type: 'started' }> | undefined;
  let problem: ScriptUnusable | undefined;
  let ending: Ending | undefined;
  // Whatever it started would hold the log open, and nothing that is kept apart outlives its run.
  if (run.apart) shim.once('exit', () => endWhatIsApart(shim.pid));
  const tell = (message: ToShim): void => {
    if (shim.connected) shim.send?.(message, () => {});
  };
  const cancel = (): void => tell({ type: 'cancel' });
  const ended = new Promise<void>((done) => {
    shim.once('exit', () => done());
    shim.on('message', async (raw) => {
      const message = raw as unknown as FromShim;
      if (message.type === 'started') {
        started = message;
        return;
      }
      if (message.type === 'not-started') problem = describeNotStarted(run.command[0], message);
      else ending = { ...message, outputText: await readOutput(message.outputFile) };
      done();
    });
  });
  run.signal?.addEventListener('abort', cancel, { once: true });
  tell({
    type: 'start',
    command,
    cwd: run.cwd,
    environment: {
      LANG: 'C.UTF-8',
      ...run.environment,
      ...run.secrets,
      PATH: path,
    },
    timeoutMs: run.timeoutMs,
    graceMs: run.graceMs ?? GRACE_MS,
    temporaryRoot: run.temporaryRoot ?? tmpdir(),
  });
  const consumed = consume(shim.stdout as AsyncIterable<Buffer>);
  // A consumer that fails must not leave the script behind: it is ended, and the failure is thrown below.
  consumed.catch(cancel);
  try {
    await ended;
  } finally {
    run.signal?.removeEventListener('abort', cancel);
    if (shim.connected) shim.disconnect?.();
  }
  const { stderr } = await shim;
  await consumed;
  if (problem) throw problem;
  if (ending) return pickEnding(ending);
  if (!started)
    throw new Error(`The shim for scripts did not start: ${maskText(stderr, Object.values(run.secrets))}`);
  return run.apart ? await cleanUp(started) : await endWithoutShim(started);
}

/** The processes of a namespace end with its first one, which is of the group of what surrounds it. */
function endWhatIsApart(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL');
  } catch {
    // All of it is gone already.
  }
}

/** What stands before the shim's own command, for a script that sees nothing but its own. */
async function keepApart({ apart, root, cwd, temporaryRoot, logFile }: ScriptRun): Promise<string[]> {
  if (!apart) return [];
  const own = [root ?? cwd, temporaryRoot ?? tmpdir(), dirname(logFile)];
  return [apart.program, ...(await isolate({ ...apart, writable: [...apart.writable, ...own] }))];
}

function pickEnding({ exitCode, endedBy, signal, outputText }: Ending): Ending {
  return { exitCode: endedBy === 'exit' ? exitCode : null, endedBy, signal, outputText };
}

/** Somebody killed the shim: what it would have ended and removed is ended and removed here. */
async function endWithoutShim(started: { group: number; folder: string }): Promise<Ending> {
  try {
    process.kill(-started.group, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
  return await cleanUp(started);
}

async function cleanUp(started: { folder: string }): Promise<Ending> {
  await removeFolder(started.folder);
  return { exitCode: null, endedBy: 'signal', signal: 'SIGKILL', outputText: undefined };
}

function describeNotStarted(
  script: string,
  { code, message }: { code: string; message: string },
): ScriptUnusable {
  const why =
    code === 'ENOENT'
      ? 'the program that its first line (#!) names does not exist on this machine'
      : code === 'E2BIG'
        ? 'its arguments and variables are too long for the system'
        : message;
  return new ScriptUnusable(
    'not-startable',
    script,
    `The script ${JSON.stringify(script)} could not be started: ${why}. Nothing was run.`,
  );
}

async function readOutput(file: string): Promise<OutputText> {
  // lstat: a pipe would hang the worker, a link would show it other files.
  const found = await lstat(file).catch(() => undefined);
  if (!found) return undefined;
  if (!found.isFile()) return { problem: 'it is not a plain file' };
  if (found.size > LARGEST_OUTPUT_BYTES) return { problem: `it has ${found.size} bytes; the limit is 1 MiB` };
  const text = await readFile(file, 'utf8').catch((error: Error) => error);
  if (text instanceof Error) return { problem: `it cannot be read (${text.message})` };
  return text.trim() === '' ? undefined : { text };
}

function parseOutput(output: OutputText, script: string, result: ScriptResult, secrets: string[]): unknown {
  if (output === undefined) return undefined;
  let problem: string;
  if ('problem' in output) problem = output.problem;
  else {
    try {
      return JSON.parse(output.text);
    } catch (error) {
      problem = `it is not JSON: ${maskText((error as Error).message, secrets)}`;
    }
  }
  if (result.endedBy !== 'exit' || result.exitCode !== 0) return undefined;
  throw new ScriptOutputInvalid(
    `The script ${JSON.stringify(script)} ended well, but what it wrote to WINDLASS_OUTPUT cannot be used: ${problem}. ` +
      'What the script did is done; look at its log before it is run again.',
    result,
  );
}
