import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A server process that never outlives this one. */
export interface WatchedProcess {
  /** Process id of the program itself, not of its watcher. */
  pid: number;
  /** Settles when the program has ended, whoever ended it: its exit code, 128 + n after signal n. */
  exited: Promise<number>;
  /** Asks it to end (SIGTERM), forces it after `graceMs`, and waits until it is gone. */
  stop(): Promise<void>;
}

export interface WatchedProcessOptions {
  file: string;
  args: readonly string[];
  environment: Record<string, string | undefined>;
  /** File descriptor for the program's output. */
  output: number;
  /** Seconds between the polite and the forced end. */
  graceSeconds: number;
}

/**
 * The watcher: a shell that holds the read end of a pipe from us. However we end, by kill -9 too, the pipe
 * closes, and the program gets SIGTERM, then SIGKILL. Everything variable comes in as an argument, nothing is
 * spliced into the script.
 */
const WATCHER = `
grace=$1; shift
exec 3<&0
"$@" </dev/null 3<&- >&2 &
program=$!
echo "$program"
exec 1>&2
(
  while read -r _; do :; done <&3
  kill -TERM "$program" 2>/dev/null
  left=$((grace * 5))
  while [ "$left" -gt 0 ] && kill -0 "$program" 2>/dev/null; do sleep 0.2; left=$((left - 1)); done
  kill -KILL "$program" 2>/dev/null
) &
keeper=$!
wait "$program"
code=$?
kill "$keeper" 2>/dev/null
exit "$code"
`;

/**
 * Starts `file` in a process group of its own: Ctrl-C at the terminal reaches us, and we end it in our own
 * order (workers before the server that they talk to).
 */
export async function startWatchedProcess(options: WatchedProcessOptions): Promise<WatchedProcess> {
  const shellArgs = ['-c', WATCHER, 'windlass-watcher', String(options.graceSeconds), options.file];
  const watcher = spawn('/bin/sh', [...shellArgs, ...options.args], {
    env: options.environment as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', options.output],
    detached: true,
  });
  const exited = new Promise<number>((resolve, reject) => {
    watcher.once('error', reject);
    watcher.once('exit', (code) => resolve(code ?? 255));
  });
  exited.catch(() => undefined);
  const pid = await readPid(watcher, exited);
  return {
    pid,
    exited,
    async stop() {
      // The same way as our death: one path to test.
      watcher.stdin?.end();
      await exited;
    },
  };
}

async function readPid(watcher: ChildProcess, exited: Promise<number>): Promise<number> {
  if (watcher.stdout === null) throw new Error('The watcher has no output to read the process id from.');
  const lines = createInterface({ input: watcher.stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    exited.then(() => ''),
  ]);
  lines.close();
  // The program's own output goes to the log; nothing more comes on this pipe.
  watcher.stdout.destroy();
  const pid = Number(line);
  if (!Number.isInteger(pid) || pid <= 0) throw new Error('The watcher ended before it named its process.');
  return pid;
}
