import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildGreeterHistory } from '../../examples/greeter-history/build-history.ts';
import { NODE_FOLDER } from './shop-packages.ts';

let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'windlass-greeter-'));
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

it('has six commits, a release, and at each commit with tests the tests pass', () => {
  const target = path.join(temporary, 'greeter');
  buildGreeterHistory({ target });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', target, ...args], { encoding: 'utf8' }).trim();
  const commits = git('rev-list', '--reverse', 'main').split('\n');
  expect(commits).toHaveLength(6);
  expect(git('log', '-1', '--format=%s', 'v1.0.0')).toBe('chore(release): 1.0.0');
  const passed = commits.slice(1).map((commit) => {
    git('checkout', '--quiet', commit);
    const { status, stdout } = spawnSync(path.join(target, 'ops/test'), {
      cwd: target,
      encoding: 'utf8',
      env: { PATH: `${NODE_FOLDER}:${process.env['PATH']}`, NODE_OPTIONS: '--test-reporter=tap' },
    });
    return status === 0 ? Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) : `exit code ${status}`;
  });
  expect(passed).toEqual([1, 1, 2, 3, 3]);
});
