import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/temporal/server/run-command.ts';

const program = fileURLToPath(new URL('../../scripts/bootstrap.mjs', import.meta.url));
let root: string;

/** A checkout whose only package is its Node, from a folder beside it: real npm, no network. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'windlass-bootstrap-'));
  await mkdir(join(root, 'own-node'));
  await writeFile(join(root, 'own-node', 'node.sh'), '#!/bin/sh\necho v24.0.0\n');
  await chmod(join(root, 'own-node', 'node.sh'), 0o755);
  const node = { name: 'node', version: '24.0.0', bin: { node: 'node.sh' } };
  await writeFile(join(root, 'own-node', 'package.json'), JSON.stringify(node));
  const manifest = { name: 'fixture', version: '1.0.0', dependencies: { node: 'file:./own-node' } };
  await writeFile(join(root, 'package.json'), JSON.stringify(manifest));
  await npm('install', '--package-lock-only');
});

afterEach(() => rm(root, { recursive: true, force: true }));

function environment(): Record<string, string | undefined> {
  const { npm_execpath: _npm, ...rest } = process.env;
  return { ...rest, HOME: root, npm_config_cache: join(root, 'npm-cache') };
}

async function npm(...args: string[]): Promise<void> {
  const result = await runCommand('npm', [...args, '--no-audit', '--no-fund'], {
    cwd: root,
    environment: environment(),
    timeoutMs: 60_000,
  });
  if (result.code !== 0) throw new Error(result.stderr);
}

function bootstrap() {
  const script = `
    const { bootstrap, runMain } = await import(${JSON.stringify(program)});
    await runMain(async () => { console.log('NODE', (await bootstrap(${JSON.stringify(root)})).node); return 0; });`;
  return runCommand(process.execPath, ['--input-type=module', '--eval', script], {
    environment: environment(),
    timeoutMs: 60_000,
  });
}

describe('setting up the packages', () => {
  test('installs them once, and again after the lock file changed', async () => {
    const first = await bootstrap();
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('Installing packages (npm ci): once');
    expect(first.stdout).toContain(`NODE ${join(root, 'node_modules/.bin/node')}`);
    expect((await bootstrap()).stdout).toBe(`NODE ${join(root, 'node_modules/.bin/node')}\n`);

    await rm(join(root, 'node_modules', '.bin', 'node'));
    await appendFile(join(root, 'package-lock.json'), '\n');
    expect((await bootstrap()).stdout).toContain('Installed the packages in');
  });

  test('accepts what somebody installed by hand with npm ci', async () => {
    await npm('ci');
    expect((await bootstrap()).stdout).not.toContain('Installing');
  });

  test('shows the end of npm’s output and where all of it is when npm fails', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    manifest.dependencies['not-in-the-lock'] = 'file:./elsewhere';
    await writeFile(join(root, 'package.json'), JSON.stringify(manifest));
    const result = await bootstrap();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/npm ci failed[\s\S]*npm-ci\.log[\s\S]*not-in-the-lock/);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});

test('a program that is run gets our signals, and its exit code becomes ours', async () => {
  const script = `
    const { runMain, runProgram } = await import(${JSON.stringify(program)});
    const shell = 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done';
    await runMain(() => runProgram('/bin/sh', ['-c', shell], { environment: process.env }));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: child.stdout }), 'line');
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  expect(code).toBe(7);
});
