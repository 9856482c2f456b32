import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesOf } from '../support/processes-of.ts';
import { waitFor } from '../support/server/temporal-server.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Steps in whose middle everything is killed: early, while publishing, and in production's monitoring. */
const KILLED_AT = ['✓ Build 1.3.0', 'Publish @windlass-example/shop 1.3.0 to npm', '✓ Smoke test production'];

describe('a demo that is killed with everything but the database of Temporal', () => {
  let folder: string;
  const running: ChildProcess[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'windlass-killed-demo-'));
  });

  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    // The watchers of its programs may be in the last fifth of a second of a sleep.
    await waitFor('all of it to be gone', () => processesOf(folder).length === 0);
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes on to the same end when it is started again: one tag, one package, one merge', async () => {
    for (const moment of KILLED_AT) {
      const demo = startDemo();
      await demo.says(moment);
      for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
      demo.child.kill('SIGKILL');
      await demo.ended;
      await waitFor('all of it to be gone', () => processesOf(folder).length === 0);
    }
    const last = startDemo();
    expect(await last.ended, last.output()).toBe(0);
    expect(last.output()).toContain('goes on where it stopped');

    const git = (...args: string[]) =>
      execFileSync('git', ['--git-dir', join(folder, 'world/origin/shop.git'), ...args], {
        encoding: 'utf8',
      });
    expect(git('tag', '--list', 'v1.3.0').trim()).toBe('v1.3.0');
    expect(git('log', '--merges', '--format=%s', 'main').match(/merge 1\.3\.0/g)).toHaveLength(1);
    expect(git('log', '--format=%s', 'main').match(/chore\(release\): 1\.3\.0/g)).toHaveLength(1);
    const storage = join(folder, 'world/npm/storage/@windlass-example/shop');
    expect(readdirSync(storage).filter((name) => name.endsWith('1.3.0.tgz'))).toHaveLength(1);
    const state = JSON.parse(readFileSync(join(folder, 'world/environments/production/state.json'), 'utf8'));
    const deploys = Object.keys(state.effects ?? {}).filter((key) => /\/deploy\/production\//.test(key));
    expect(deploys).toHaveLength(1);
  });

  function startDemo() {
    const child = spawn(
      join(PROJECT, 'node_modules/.bin/node'),
      ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'demo', '--folder', join(folder, 'world')],
      { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    running.push(child);
    const lines: string[] = [];
    const waiting: { text: string; found: () => void }[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        for (const { text, found } of waiting) if (line.includes(text)) found();
      });
    }
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    return {
      child,
      ended,
      output: () => lines.join('\n'),
      says: (text: string) =>
        Promise.race([
          new Promise<void>((found) => waiting.push({ text, found })),
          ended.then((code) => {
            throw new Error(`the demo ended with ${code} before it said "${text}":\n${lines.join('\n')}`);
          }),
        ]),
    };
  }
});
