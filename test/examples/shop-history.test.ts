import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShopHistory } from '../../examples/shop-history/build-history.ts';
import { FAULT_NAMES } from '../../examples/shop-history/faults.ts';
import { rewindTrees } from '../../examples/shop-history/rewind.ts';
import { NODE, NODE_FOLDER, SHOP } from './shop-packages.ts';

const CONVENTIONAL = /^(feat|fix|perf|docs|test|ci|build|chore|refactor|revert)(\([a-z0-9]+\))?: .+/;

let temporary: string;
let repository: string;
let bare: string;
let tip: string;

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'windlass-history-'));
  repository = path.join(temporary, 'shop');
  bare = path.join(temporary, 'origin.git');
  tip = buildShopHistory({ target: repository, bare });
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function git(...args: string[]): string {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
}

describe('the history of the shop', () => {
  it('has at least 40 commits in conventional form, by several people, with pull request numbers', () => {
    const subjects = git('log', '--format=%s', 'main').split('\n');
    expect(subjects.length).toBeGreaterThanOrEqual(40);
    expect(subjects.filter((subject) => !CONVENTIONAL.test(subject))).toEqual([]);
    const releases = subjects.filter((subject) => subject.startsWith('chore(release): '));
    expect(subjects.filter((subject) => /\(#\d+\)$/.test(subject))).toHaveLength(
      subjects.length - releases.length - 1,
    );
    expect(new Set(git('log', '--format=%ae').split('\n')).size).toBeGreaterThanOrEqual(4);
  });

  it('tags each release on the commit that made it, the last one before the next minor release', () => {
    expect(git('tag', '--sort=creatordate').split('\n')).toEqual(['v1.0.0', 'v1.1.0', 'v1.2.0']);
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
      expect(git('log', '-1', '--format=%s', `v${version}`)).toBe(`chore(release): ${version}`);
      expect(JSON.parse(git('show', `v${version}:package.json`)).version).toBe(version);
      const changelog = git('show', `v${version}:CHANGELOG.md`);
      expect(/^## \[(\d.*)\]/m.exec(changelog)?.[1]).toBe(version);
    }
    const since = git('log', '--format=%s', 'v1.2.0..main').split('\n');
    expect(since.length).toBeGreaterThanOrEqual(20);
    expect(since.filter((subject) => subject.startsWith('feat')).length).toBeGreaterThanOrEqual(3);
    expect(git('log', '--format=%B', 'v1.2.0..main')).not.toMatch(/BREAKING|^\w+(\(\w+\))?!:/m);
    expect(since.some((subject) => subject.startsWith('build(deps): bump'))).toBe(true);
    expect(git('log', '--format=%b', 'v1.2.0..main')).toContain('DEPRECATED: ');
  });

  it('takes one commit back, and names it', () => {
    const body = git('log', '-1', '--format=%b', '--grep=^revert: ', 'main');
    const sha = /This reverts commit ([0-9a-f]{40})\./.exec(body)?.[1] ?? '';
    expect(git('log', '-1', '--format=%s', sha)).toMatch(/^perf\(catalogue\)/);
    const revert = git('log', '-1', '--format=%H', '--grep=^revert: ', 'main');
    // Their differences cancel out in the file that they touch.
    const forwards = git('show', '--format=', '--unified=0', sha).match(/^[+-] .*$/gm);
    const backwards = git('show', '--format=', '--unified=0', revert).match(/^[+-] .*$/gm);
    expect(backwards).toEqual(forwards?.map((line) => line.replace(/^\+/, '-')));
  });

  it('has the same SHAs on each run', () => {
    expect(buildShopHistory({ target: path.join(temporary, 'again') })).toBe(tip);
    expect(
      execFileSync('git', ['-C', path.join(temporary, 'again'), 'rev-parse', 'v1.0.0'], {
        encoding: 'utf8',
      }).trim(),
    ).toBe(git('rev-parse', 'v1.0.0'));
  });

  it('ends in what examples/shop is', () => {
    const difference = spawnSync('diff', ['-r', '--exclude=.git', '--exclude=*.db*', repository, SHOP], {
      encoding: 'utf8',
    });
    expect(difference.stdout).toBe('');
    const modes = git('ls-tree', '-r', 'main', 'ops/').split('\n');
    expect(modes.filter((line) => line.startsWith('100755')).map((line) => line.split('\t')[1])).toEqual(
      execFileSync('find', ['ops', '-type', 'f', '-perm', '-u+x'], { cwd: SHOP, encoding: 'utf8' })
        .trim()
        .split('\n')
        .sort(),
    );
    expect(git('status', '--porcelain')).toBe('');
  });

  it('has a version behind each tag that passes its own tests', () => {
    for (const tag of ['v1.0.0', 'v1.1.0', 'v1.2.0']) {
      const folder = path.join(temporary, tag);
      git('worktree', 'add', '--quiet', '--detach', folder, tag);
      for (const script of ['ops/build', 'ops/test', 'ops/e2e']) {
        const { status, stdout, stderr } = spawnSync(path.join(folder, script), {
          cwd: folder,
          encoding: 'utf8',
          env: { PATH: `${NODE_FOLDER}:${process.env['PATH']}`, TMPDIR: temporary, HOME: temporary },
        });
        expect({ tag, script, status, log: status === 0 ? '' : stdout + stderr }).toEqual({
          tag,
          script,
          status: 0,
          log: '',
        });
      }
      git('worktree', 'remove', '--force', folder);
    }
  });

  it('is pushed to the bare origin with its tags', () => {
    const origin = execFileSync('git', ['-C', bare, 'for-each-ref', '--format=%(refname:short)'], {
      encoding: 'utf8',
    });
    expect(origin.trim().split('\n').sort()).toEqual(['main', 'v1.0.0', 'v1.1.0', 'v1.2.0']);
    expect(execFileSync('git', ['-C', bare, 'rev-parse', 'main'], { encoding: 'utf8' }).trim()).toBe(tip);
    expect(git('rev-parse', '--abbrev-ref', 'main@{upstream}')).toBe('origin/main');
  });
});

describe('a bad release', () => {
  it('is one more commit that looks harmless', () => {
    for (const fault of [
      ...FAULT_NAMES.slice(0, 1),
      'breaks-after-migration',
      'errors-5-percent@production',
    ]) {
      const target = path.join(temporary, fault);
      buildShopHistory({ target, fault });
      const log = (...args: string[]) =>
        execFileSync('git', ['-C', target, ...args], { encoding: 'utf8' }).trim();
      expect(log('rev-parse', 'main~1')).toBe(tip);
      expect(log('log', '-1', '--format=%s')).toMatch(/^perf\(/);
      expect(log('show', 'main:src/fault.js')).toContain(`FAULT = '${fault.split('@')[0]}'`);
    }
  });
});

describe('the history script', () => {
  it('refuses a folder with something in it, an unknown fault, and a call without a folder', () => {
    const full = path.join(temporary, 'full');
    mkdirSync(full);
    writeFileSync(path.join(full, 'precious.txt'), 'mine');
    const script = path.join(SHOP, '../shop-history/build-history.ts');
    const run = (...args: string[]) => spawnSync(NODE, [script, ...args], { encoding: 'utf8' });
    const refused = [
      [run('--target', full), /is not empty/],
      [
        run('--target', path.join(temporary, 'x'), '--fault', 'gremlins'),
        /no fault "gremlins".*crash-at-start/,
      ],
      [run(), /--target is missing/],
    ] as const;
    for (const [{ status, stderr }, message] of refused) {
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('    at ');
      expect(status).toBe(1);
    }
  });

  it('names the commit that no longer fits the sources', () => {
    const tree = new Map([['a.js', { content: 'new name', executable: false }]]);
    const steps = [
      {
        message: 'feat: a (#1)',
        author: 'mira',
        date: '2025-01-01T00:00:00Z',
        edits: [{ file: 'a.js', was: 'old', now: 'lost' }],
      },
    ] as const;
    expect(() => rewindTrees(steps, tree)).toThrow(
      'The commit "feat: a (#1)" does not fit: a.js does not contain "lost"',
    );
  });
});
