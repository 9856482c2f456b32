import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Isolation, probeIsolation } from '../../../src/integrations/process/isolate-script.ts';
import { runScript, type ScriptRun } from '../../../src/integrations/process/run-script.ts';
import { waitFor } from '../../support/wait-for.ts';

const found: Isolation = await probeIsolation();
if ('problem' in found)
  console.warn(
    `SKIPPED: scripts cannot be kept apart here: ${found.problem} (apt-get install -y bubblewrap)`,
  );
const SECRET = 'hunter2-of-production';

describe('whether scripts can be kept apart', () => {
  it('is said with what is missing', async () => {
    expect(await probeIsolation('/nowhere')).toEqual({ problem: 'bubblewrap (bwrap) is not installed' });
  });

  it('is tried and not assumed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windlass-bwrap-'));
    const text = '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n';
    writeFileSync(join(folder, 'bwrap'), text, { mode: 0o755 });
    expect(await probeIsolation(folder)).toEqual({
      problem: 'bubblewrap cannot here: bwrap: No permissions to create new namespace',
    });
    rmSync(folder, { recursive: true });
  });
});

describe.skipIf('problem' in found)('a script that is kept apart', () => {
  let root: string;
  let checkout: string;
  let scratch: string;
  /** Somebody else's process, as a deployment that runs meanwhile is one. */
  let other: ChildProcess;

  beforeAll(() => {
    other = spawn('sleep', ['600'], { env: { PATH: '/usr/bin:/bin', DATABASE_PASSWORD: SECRET } });
  });

  afterAll(() => {
    other.kill();
  });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'windlass-apart-'));
    checkout = join(root, 'work', 'checkouts', 'own');
    scratch = join(root, 'work', 'checkouts', 'scratch');
    for (const folder of [
      checkout,
      scratch,
      join(root, 'store'),
      join(root, 'keys'),
      join(root, 'work', 'mirror', 'objects'),
    ])
      mkdirSync(folder, { recursive: true });
    mkdirSync(join(root, 'work', 'checkouts', 'other'));
    writeFileSync(join(root, 'work', 'checkouts', 'other', 'code'), SECRET);
    writeFileSync(join(root, 'work', 'mirror', 'config'), SECRET);
    writeFileSync(join(root, 'work', 'mirror', 'objects', 'pack'), 'objects');
    writeFileSync(join(root, 'store', 'artifact'), SECRET);
    writeFileSync(join(root, 'keys', 'signing.pem'), SECRET);
    writeFileSync(join(root, 'keys', 'public.pem'), 'for everybody');
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const run = async (body: string, more: Partial<ScriptRun> = {}) => {
    writeFileSync(join(checkout, 'script'), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
    if ('problem' in found) throw new Error('cannot be here');
    const sight = {
      hidden: [
        join(root, 'work'),
        join(root, 'store'),
        join(root, 'keys', 'signing.pem'),
        join(root, 'none'),
      ],
      readable: [join(root, 'work', 'mirror', 'objects')],
      writable: [],
    };
    return await runScript({
      cwd: checkout,
      command: ['script'],
      timeoutMs: 60_000,
      environment: { ROOT: root },
      secrets: {},
      logFile: join(scratch, 'log.txt'),
      temporaryRoot: scratch,
      apart: { ...found, ...sight },
      ...more,
    });
  };

  it('sees no process but its own, and nobody’s environment', async () => {
    const plain = await run(`cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c ${SECRET}`, {
      apart: undefined as never,
    });
    expect(plain.log.tail.trim(), 'the attack works where nothing keeps it apart').toBe('1');
    const { log } = await run(
      `cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c ${SECRET}; ls -d /proc/[0-9]* | wc -l; kill -0 ${other.pid} 2>&1 | grep -c 'No such process'`,
    );
    const [secrets, processes, gone] = log.tail.trim().split('\n').map(Number);
    expect(secrets).toBe(0);
    expect(processes).toBeLessThan(12);
    expect(gone).toBe(1);
  });

  it('sees no key, no store and nobody’s work, and has its own', async () => {
    const { log, exitCode } = await run(
      [
        `grep -rs ${SECRET} "$ROOT" --exclude-dir=own && exit 1`,
        'ls "$ROOT/store" "$ROOT/work/checkouts"',
        'cat "$ROOT/keys/public.pem" "$ROOT/work/mirror/objects/pack"',
        'echo poisoned > "$ROOT/work/mirror/objects/pack" && exit 2',
        'echo made > made.txt',
        'echo \'{"artifact":"made.txt"}\' > "$WINDLASS_OUTPUT"',
      ].join('\n'),
    );
    expect(exitCode, log.tail).toBe(0);
    expect(log.tail).toContain('for everybody');
    expect(log.tail).toContain('own\nscratch');
    expect(log.tail).not.toContain('other');
    expect(readFileSync(join(checkout, 'made.txt'), 'utf8')).toBe('made\n');
    expect(readFileSync(join(root, 'work', 'mirror', 'objects', 'pack'), 'utf8')).toBe('objects');
  });

  it('cannot undo it, also as root', async () => {
    const { log } = await run(
      [
        'umount "$ROOT/store" 2>/dev/null',
        'unshare -Urm umount "$ROOT/store" 2>/dev/null',
        `nsenter -t 1 -m cat "$ROOT/store/artifact" 2>/dev/null`,
        'mknod dev b 8 0 2>/dev/null && echo made-a-device',
        'cat "$ROOT/store/artifact" 2>/dev/null',
        'echo the-end',
      ].join('\n'),
    );
    expect(log.tail.trim()).toBe('the-end');
  });

  it('gives result, exit code, signal and what is not startable as any other', async () => {
    expect(await run('echo \'{"n":1}\' > "$WINDLASS_OUTPUT"; exit 0')).toMatchObject({
      exitCode: 0,
      output: { n: 1 },
    });
    expect(await run('exit 7')).toMatchObject({ exitCode: 7, endedBy: 'exit' });
    expect(await run('kill -KILL $$')).toMatchObject({ endedBy: 'signal', signal: 'SIGKILL' });
    writeFileSync(join(checkout, 'odd'), '#!/no/such/program\n', { mode: 0o755 });
    await expect(run('', { command: ['odd'] })).rejects.toThrow('could not be started');
  });

  it('is ended with all that it started, at its time limit, when it is cancelled, and when its shim is killed', async () => {
    const stay = `(setsid sleep 871 &) ; sleep 872`;
    expect(await run(stay, { timeoutMs: 1_500, graceMs: 200 })).toMatchObject({ endedBy: 'timeout' });
    const cancelled = new AbortController();
    const running = run(stay, { signal: cancelled.signal, graceMs: 200 });
    await waitFor('both to run', async () => countRunning(/sleep.87[12]/) === 2);
    cancelled.abort();
    expect(await running).toMatchObject({ endedBy: 'cancellation' });
    // Unlike elsewhere, what takes a session of its own does not outlive a run that ended well.
    expect(await run('setsid sleep 871 & sleep 0.1', { graceMs: 200 })).toMatchObject({ exitCode: 0 });
    const doomed = run(stay);
    await waitFor('both to run', async () => countRunning(/sleep.87[12]/) === 2);
    for (const pid of listRunning(/no-warnings.*script-shim/, root)) process.kill(pid, 'SIGKILL');
    expect(await doomed).toMatchObject({ endedBy: 'signal' });
    await waitFor('all to be gone', async () => countRunning(/sleep.87[12]/) === 0);
    expect(readdirSync(scratch)).toEqual(['log.txt']);
  });
});

function countRunning(command: RegExp): number {
  return listRunning(command).length;
}

/** Processes by their command line; with a folder, those of them that have it in their environment’s or own words. */
function listRunning(command: RegExp, folder?: string): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/cmdline`)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!command.test(line.replaceAll('\0', ' ')) || line.startsWith('bwrap') || /bwrap\0/.test(line))
        return [];
      if (folder !== undefined && !readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(folder)) return [];
      return [Number(pid)];
    } catch {
      return [];
    }
  });
}
