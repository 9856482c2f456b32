import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runScript, type ScriptRun } from '../../../src/integrations/process/run-script.ts';

const TOKEN = 'tok_9f8e7d6c5b4a';
let root: string;
let checkout: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'windlass-process-test-'));
  checkout = join(root, 'checkout');
  mkdirSync(checkout);
  mkdirSync(join(root, 'tmp'));
  vi.stubEnv('TMPDIR', join(root, 'tmp'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  const leftovers = readdirSync(join(root, 'tmp'));
  rmSync(root, { recursive: true, force: true });
  expect(leftovers).toEqual([]);
});

function writeScript(name: string, body: string, interpreter = '/bin/bash'): void {
  writeFileSync(join(checkout, name), `#!${interpreter}\n${body}\n`);
  chmodSync(join(checkout, name), 0o755);
}

function run(script: string, more: Partial<ScriptRun> = {}): ReturnType<typeof runScript> {
  return runScript({
    cwd: checkout,
    command: [script],
    timeoutMs: 30_000,
    graceMs: 300,
    environment: {},
    secrets: {},
    logFile: join(root, 'log'),
    ...more,
  });
}

/** Process ids that a script wrote, one a line. */
function readPids(file: string): number[] {
  return readFileSync(join(root, file), 'utf8').trim().split('\n').map(Number);
}

/** Whether it runs: a zombie that nobody collects does not. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('running a script', () => {
  it('gives it the variables it was promised and nothing else, and takes its result', async () => {
    vi.stubEnv('WINDLASS_TEST_LEAK', 'leaked');
    writeScript(
      'deploy',
      'env -0 > "$REPORT"; stat -c %a "$HOME" "$TMPDIR"; echo "$#:$1:$2"; echo \'{"slot":"green"}\' > "$WINDLASS_OUTPUT"',
    );
    const result = await run('deploy', {
      command: ['deploy', '$(touch x)', '; ls'],
      environment: { REPORT: join(root, 'env'), WINDLASS_SLOT: 'green' },
      secrets: { TOKEN },
    });
    const environment = Object.fromEntries(
      readFileSync(join(root, 'env'), 'utf8')
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(result).toMatchObject({ exitCode: 0, endedBy: 'exit', output: { slot: 'green' } });
    expect(result.log.tail).toBe('700\n700\n2:$(touch x):; ls\n');
    // PWD, SHLVL and _ are bash's own.
    expect(Object.keys(environment).sort()).toEqual(
      [
        'HOME',
        'LANG',
        'PATH',
        'PWD',
        'REPORT',
        'SHLVL',
        'TMPDIR',
        'TOKEN',
        'WINDLASS_OUTPUT',
        'WINDLASS_SLOT',
        '_',
      ].sort(),
    );
    expect(environment['TOKEN']).toBe(TOKEN);
    expect(existsSync(environment['HOME']!)).toBe(false);
  });

  it('reports the exit code of a failed script, and lets it write to /dev/stderr', async () => {
    writeScript('test', 'echo out; echo err > /dev/stderr; echo "no json" > "$WINDLASS_OUTPUT"; exit 3');
    const result = await run('test');
    expect(result).toMatchObject({
      exitCode: 3,
      endedBy: 'exit',
      output: undefined,
      log: { tail: 'out\nerr\n' },
    });
  });

  it('reports a script that ended by a signal', async () => {
    writeScript('test', 'kill -9 $$');
    expect(await run('test')).toMatchObject({ exitCode: null, endedBy: 'signal', signal: 'SIGKILL' });
  });

  it.each([
    ['text that is no JSON', 'echo "{not json" > "$WINDLASS_OUTPUT"', /it is not JSON/],
    [
      'more than 1 MiB',
      'head -c 1100000 /dev/zero > "$WINDLASS_OUTPUT"',
      /1100000 bytes; the limit is 1 MiB/,
    ],
    ['a pipe', 'mkfifo "$WINDLASS_OUTPUT"', /not a plain file/],
    ['a link', 'ln -s /etc/hostname "$WINDLASS_OUTPUT"', /not a plain file/],
  ])('refuses as a result %s', async (_what, body, message) => {
    writeScript('build', body);
    await expect(run('build')).rejects.toThrow(message);
    await expect(run('build')).rejects.toMatchObject({
      name: 'ScriptOutputInvalid',
      result: { exitCode: 0 },
    });
  });

  it('refuses what is not an executable file of the checkout, and says which of it', async () => {
    writeFileSync(join(checkout, 'plain'), '#!/bin/sh\n');
    symlinkSync('/bin/true', join(checkout, 'link'));
    writeScript('odd', 'true', '/no/such/interpreter');
    const problems = await Promise.all(
      ['nowhere', 'plain', 'link', '../log', '/bin/true', 'odd', '.'].map((script) =>
        run(script).then(
          () => 'ran',
          (error) => [error.name, error.problem],
        ),
      ),
    );
    expect(problems).toEqual([
      ['ScriptUnusable', 'missing'],
      ['ScriptUnusable', 'not-executable'],
      ['ScriptUnusable', 'outside'],
      ['ScriptUnusable', 'outside'],
      ['ScriptUnusable', 'outside'],
      ['ScriptUnusable', 'not-startable'],
      ['ScriptUnusable', 'outside'],
    ]);
  });

  it('names every variable that cannot be given, without its value', async () => {
    writeScript('test', 'true');
    const message = await run('test', {
      environment: { 'A=B': 'x' },
      secrets: { TOKEN: `${TOKEN}\0` },
    }).catch((error) => error.message as string);
    expect(message).toMatch(/"A=B", "TOKEN"/);
    expect(message).not.toContain(TOKEN);
  });
});

describe('the log of a script', () => {
  it('shows no secret: split over two writes, encoded, in the result, in what is reported meanwhile', async () => {
    writeScript(
      'deploy',
      [
        `printf 'a=${TOKEN.slice(0, 7)}'; sleep 0.4; printf '${TOKEN.slice(7)};\\n'`,
        'printf "user:$TOKEN" | base64; printf %s "$URL_TOKEN" ',
        'printf \'{"url":"http://x/?t=%s"}\' "$TOKEN" > "$WINDLASS_OUTPUT"',
      ].join('\n'),
    );
    const secret = 'p@ss/word+1';
    const reported: string[] = [];
    const result = await run('deploy', {
      secrets: { TOKEN, PASSWORD: secret },
      environment: { URL_TOKEN: encodeURIComponent(secret) },
      onOutput: (tail) => reported.push(tail),
    });
    const everything = [JSON.stringify(result), ...reported, readFileSync(join(root, 'log'), 'utf8')].join(
      '\n',
    );
    expect(result.log.tail).toMatch(/^a=\*\*\*;\ndXNlcj\w?\*\*\*\w*=*\n\*\*\*$/);
    expect(result.output).toEqual({ url: 'http://x/?t=***' });
    expect(everything).not.toMatch(new RegExp(`${TOKEN.slice(4)}|${TOKEN.slice(0, 7)}|ss%2Fword`));
    expect(reported.at(-1)).toBe(result.log.tail);
  });

  it('keeps the beginning and the end of 100 MB, and says what it left out', async () => {
    writeScript('build', 'echo first; head -c 100000000 /dev/zero; echo last');
    const before = process.memoryUsage.rss();
    const result = await run('build', { secrets: { TOKEN } });
    const kept = readFileSync(join(root, 'log'));
    expect(result.log).toMatchObject({ bytes: 100_000_011, truncated: true });
    expect(kept.length).toBeLessThan(10.1 * 1024 * 1024);
    expect(kept.subarray(0, 6).toString()).toBe('first\n');
    expect(kept.subarray(-5).toString()).toBe('last\n');
    expect(kept.includes(`[… ${100_000_011 - 10 * 1024 * 1024} bytes left out …]`)).toBe(true);
    expect(result.log.tail).toBe('last\n');
    expect(process.memoryUsage.rss() - before).toBeLessThan(120 * 1024 * 1024);
  });

  it('has binary output as it was, and none of its control sequences in the end that people read', async () => {
    writeScript(
      'test',
      String.raw`printf 'x\xff\xfe\0y \033[31mred\033[0m \033]0;title\007 10%%\r20%%\n\u202e'`,
    );
    const result = await run('test');
    expect(result.log.tail).toBe('x\ufffd\ufffdy red  10%\n20%\n');
    expect(readFileSync(join(root, 'log')).includes(Buffer.from([0x78, 0xff, 0xfe, 0]))).toBe(true);
  });

  it('does not stop the script when the disk refuses it', async () => {
    writeScript('deploy', `echo hello; echo '{"done":true}' > "$WINDLASS_OUTPUT"`);
    const result = await run('deploy', { logFile: '/dev/full' });
    expect(result).toMatchObject({
      exitCode: 0,
      output: { done: true },
      log: { truncated: true, tail: 'hello\n' },
    });
    expect(result.log.problem).toMatch(/ENOSPC/);
  });
});

describe('ending a script', () => {
  it('ends a hanging script with its children at the time-out, politely first', async () => {
    writeScript('load', `trap 'echo polite; exit 0' TERM; sleep 600 & echo $! > ${root}/pids; wait`);
    const result = await run('load', { timeoutMs: 700 });
    expect(result).toMatchObject({ exitCode: null, endedBy: 'timeout', log: { tail: 'polite\n' } });
    expect(readPids('pids').filter(isRunning)).toEqual([]);
  });

  it('kills a script that ignores TERM, its grandchildren, and a child in a session of its own', async () => {
    writeScript(
      'load',
      `trap '' TERM
       (trap '' TERM; (trap '' TERM; sleep 600 & echo $! >> ${root}/pids; echo $BASHPID >> ${root}/pids; wait) & wait) &
       setsid sleep 600 & sleep 0.1; echo $! >> ${root}/pids; echo $$ >> ${root}/pids
       while true; do sleep 1; done`,
    );
    const controller = new AbortController();
    const running = run('load', { signal: controller.signal });
    await vi.waitUntil(() => existsSync(join(root, 'pids')) && readPids('pids').length === 4);
    expect(readPids('pids').filter(isRunning)).toHaveLength(4);
    controller.abort();
    expect(await running).toMatchObject({ exitCode: null, endedBy: 'cancellation' });
    expect(readPids('pids').filter(isRunning)).toEqual([]);
  });

  it('ends what a script that ended well left in its group, but not a service that has its own session', async () => {
    writeScript(
      'deploy',
      `sleep 600 & echo $! > ${root}/pids
       setsid --fork bash -c 'echo $BASHPID > ${root}/service; exec sleep 600 > /dev/null 2>&1'
       until [ -s ${root}/service ]; do :; done`,
    );
    expect(await run('deploy')).toMatchObject({ exitCode: 0, endedBy: 'exit' });
    const [service] = readPids('service');
    try {
      expect(readPids('pids').filter(isRunning)).toEqual([]);
      expect(isRunning(service!)).toBe(true);
    } finally {
      process.kill(service!, 'SIGKILL');
    }
  });

  it('does not wait for a process that left the group and holds the output', async () => {
    writeScript(
      'deploy',
      `setsid --fork bash -c 'echo $BASHPID > ${root}/service; exec sleep 600'; until [ -s ${root}/service ]; do :; done; echo done`,
    );
    const result = await run('deploy');
    process.kill(readPids('service')[0]!, 'SIGKILL');
    expect(result).toMatchObject({ exitCode: 0, log: { tail: 'done\n' } });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it('runs nothing when it was cancelled before', async () => {
    writeScript('deploy', `touch ${root}/ran`);
    const result = await run('deploy', { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ exitCode: null, endedBy: 'cancellation' });
    expect(existsSync(join(root, 'ran'))).toBe(false);
  });

  it.each([
    ['the worker', (worker: number) => process.kill(worker, 'SIGKILL')],
    ["the worker's whole group", (worker: number) => process.kill(-worker, 'SIGKILL')],
  ])('leaves no process and no folder behind when %s is killed', async (_whom, kill) => {
    writeScript(
      'deploy',
      `trap '' TERM; sleep 600 & echo $! > ${root}/pids; echo $PPID >> ${root}/pids; echo "$HOME" > ${root}/home; echo $$ >> ${root}/pids; while true; do sleep 1; done`,
    );
    const program = join(root, 'worker.ts');
    const module = fileURLToPath(new URL('../../../src/integrations/process/run-script.ts', import.meta.url));
    writeFileSync(
      program,
      `import { runScript } from ${JSON.stringify(module)};
       await runScript(${JSON.stringify({ cwd: checkout, command: ['deploy'], timeoutMs: 60_000, graceMs: 300, environment: {}, secrets: {}, logFile: join(root, 'log') })});`,
    );
    const worker = spawn(process.execPath, [program], { detached: true, stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(join(root, 'pids')) && readPids('pids').length === 3, {
      timeout: 20_000,
    });
    const home = readFileSync(join(root, 'home'), 'utf8').trim();
    expect(statSync(home).isDirectory()).toBe(true);
    expect(readPids('pids').filter(isRunning)).toHaveLength(3);
    kill(worker.pid!);
    await vi.waitUntil(() => !readPids('pids').some(isRunning) && !existsSync(join(home, '..')), {
      timeout: 60_000,
    });
  });

  it('ends the script when its shim is killed', async () => {
    writeScript('deploy', `echo $PPID > ${root}/shim; echo $$ > ${root}/pids; while true; do sleep 1; done`);
    const running = run('deploy');
    await vi.waitUntil(() => existsSync(join(root, 'pids')) && readPids('pids')[0]! > 0);
    process.kill(readPids('shim')[0]!, 'SIGKILL');
    expect(await running).toMatchObject({ exitCode: null, endedBy: 'signal' });
    await vi.waitUntil(() => !readPids('pids').some(isRunning));
  });
});
