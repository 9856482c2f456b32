/**
 * The program that stands between a worker and one script. It starts the script in a process group of its own and sees
 * to it that nothing of the group outlives the run: at the time-out, at cancellation, when the script has left children
 * behind, and when the worker is gone (its channel closes, whatever killed it). First TERM, then KILL.
 *
 * It is in a session of its own, so that a signal to the worker's group does not take it along. It owns the script's
 * temporary folder for the same reason: a killed worker leaves none behind.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { removeFolder } from './remove-folder.ts';
import type { FromShim, ToShim } from './shim-messages.ts';

const POLL_MS = 25;
/** When something outside the group still holds the pipe, the log is taken for whole after this long without output… */
const QUIET_MS = 1_000;
/** …and in any case after this long. */
const DRAIN_MS = 10_000;
const AFTER_KILL_MS = 2_000;

type Start = Extract<ToShim, { type: 'start' }>;
type Reason = 'timeout' | 'cancellation' | 'worker-gone';

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const tell = (message: FromShim): void => {
  if (process.connected) process.send!(message);
};

// A person's Ctrl-C reaches whole terminals; the worker decides what it means and says so over the channel.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

process.once('message', (message: ToShim) => {
  if (message.type === 'start') void superviseScript(message);
});

async function superviseScript(start: Start): Promise<void> {
  const folder = mkdtempSync(join(start.temporaryRoot, 'windlass-run-'));
  for (const name of ['home', 'tmp']) mkdirSync(join(folder, name), { mode: 0o700 });
  const outputFile = join(folder, 'output.json');
  const workerGone = new Promise<void>((done) => process.once('disconnect', done));

  const output = openOutput(folder);
  const script = spawn(start.command[0], start.command.slice(1), {
    cwd: start.cwd,
    env: {
      ...start.environment,
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
      WINDLASS_OUTPUT: outputFile,
    },
    detached: true,
    stdio: ['ignore', output.descriptor, output.descriptor],
  });
  output.handedOver();
  const exited = new Promise<{ exitCode: number | null; signal: string | null }>((done) => {
    script.once('exit', (exitCode, signal) => done({ exitCode, signal }));
    script.once('error', (error: NodeJS.ErrnoException) => {
      if (script.pid === undefined) {
        tell({ type: 'not-started', code: error.code ?? 'UNKNOWN', message: error.message });
        done({ exitCode: null, signal: null });
      }
    });
  });

  if (script.pid !== undefined) {
    tell({ type: 'started', group: script.pid, folder });
    const reason = await firstReason(start, exited, workerGone);
    await endGroup(script, reason === undefined ? undefined : `WINDLASS_OUTPUT=${outputFile}`, start.graceMs);
    const { exitCode, signal } = await Promise.race([
      exited,
      pause(AFTER_KILL_MS).then(() => ({ exitCode: null, signal: 'SIGKILL' })),
    ]);
    await output.drained();
    const endedBy = reason ?? (signal === null ? 'exit' : 'signal');
    if (endedBy !== 'worker-gone') tell({ type: 'ended', exitCode, signal, endedBy, outputFile });
  }
  // The worker reads the result file and then closes the channel.
  await workerGone;
  await removeFolder(folder).catch(() => {});
  process.exit(0);
}

/** Why the script has to be ended, or undefined when it ended by itself. */
async function firstReason(
  start: Start,
  exited: Promise<unknown>,
  workerGone: Promise<void>,
): Promise<Reason | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const reason = await Promise.race([
    exited.then(() => undefined),
    workerGone.then((): Reason => 'worker-gone'),
    new Promise<Reason>((done) => {
      timer = setTimeout(() => done('timeout'), start.timeoutMs);
    }),
    new Promise<Reason>((done) => {
      process.on('message', (message: ToShim) => message.type === 'cancel' && done('cancellation'));
      process.once('SIGTERM', () => done('cancellation'));
    }),
  ]);
  clearTimeout(timer);
  return reason;
}

/**
 * Ends what is left of the script's group. With a marker (an entry of the environment that only this run has) also what
 * has left the group: then the run is a failure and its retry must not meet its own past. After a run that ended by
 * itself, a process that took a session of its own is let live: it was meant to.
 */
async function endGroup(script: ChildProcess, marker: string | undefined, graceMs: number): Promise<void> {
  const group = script.pid!;
  for (const [signal, patienceMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', AFTER_KILL_MS],
  ] as const) {
    const until = performance.now() + patienceMs;
    let living = findLiving(group, marker);
    if (living.length === 0) return;
    for (const target of living) sendSignal(target, signal);
    // A stopped process takes TERM only when it goes on.
    if (signal === 'SIGTERM') for (const target of living) sendSignal(target, 'SIGCONT');
    while (living.length > 0 && performance.now() < until) {
      await pause(POLL_MS);
      living = findLiving(group, marker);
    }
  }
}

/** What lives of a run, as targets for `kill`: the group as a whole (negative), and those outside that bear the marker. */
function findLiving(group: number, marker: string | undefined): number[] {
  if (process.platform !== 'linux') return sendSignal(-group, 0) ? [-group] : [];
  if (marker === undefined && !sendSignal(-group, 0)) return [];
  const living = new Set<number>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    try {
      const [state, , processGroup] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .split(') ')
        .at(-1)!
        .split(' ');
      // A zombie is dead, even where nobody collects it.
      if (state === 'Z' || state === 'X') continue;
      if (Number(processGroup) === group) living.add(-group);
      else if (marker && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker)) {
        living.add(Number(pid));
      }
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
  return [...living];
}

function sendSignal(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Output {
  /** What the script writes to. */
  descriptor: number;
  /** To be called when the script has the descriptor. */
  handedOver(): void;
  /** When everything that the group wrote has gone to the worker. */
  drained(): Promise<void>;
}

/**
 * A real pipe for the script. What Node makes between two processes is a socket, and a script that writes to
 * `/dev/stderr` would fail with "No such device or address". Where there is no `mkfifo`, the socket has to do.
 */
function openOutput(folder: string): Output {
  const path = join(folder, 'log');
  try {
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
  } catch {
    return { descriptor: 1, handedOver() {}, async drained() {} };
  }
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const descriptor = openSync(path, constants.O_WRONLY);
  const source = new Socket({ fd: reading, readable: true, writable: false });
  let lastAt = performance.now();
  source.on('data', () => {
    lastAt = performance.now();
  });
  // Without a worker nobody listens; the script must not be held up by that while it is being ended.
  process.stdout.on('error', () => source.resume());
  source.pipe(process.stdout, { end: false });
  return {
    descriptor,
    handedOver: () => closeSync(descriptor),
    async drained() {
      const until = performance.now() + DRAIN_MS;
      lastAt = performance.now();
      while (!source.closed && process.connected && performance.now() < until) {
        // A worker that is busy with other things has not taken all of it yet.
        if (process.stdout.writableLength === 0 && performance.now() - lastAt > QUIET_MS) break;
        await pause(POLL_MS / 5);
      }
      source.destroy();
      if (process.connected) await new Promise<void>((done) => process.stdout.write('', () => done()));
    },
  };
}
