/** `windlass plan` as people run it: a process, its output, its exit code. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createRepository, type TestRepository } from '../integrations/git/history-repository.ts';
import { PROGRAM, programPath } from '../support/program.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => repository.remove());

function plan(...args: string[]) {
  const result = spawnSync(PROGRAM, ['plan', ...args], {
    cwd: repository.folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: programPath() },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}
const json = (...args: string[]) => JSON.parse(plan('--json', ...args).out);

describe('windlass plan', () => {
  it('prints the version, what decides it, the changelog and the notes', () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    const sha = repository.commit('feat(cart): two (#2)');
    repository.commit('fix: three');
    const { code, out, err } = plan();
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Next version: 1.1.0 (minor after 1.0.0)');
    expect(out).toContain(`Decided by:\n  ${sha.slice(0, 10)} minor feat(cart): two (#2)\n`);
    expect(out).toMatch(
      /--- Changelog ---\n\n## \[1\.1\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- \*\*cart:\*\* two \(#2\)/,
    );
    expect(out).toContain('## Bug Fixes\n\n- Fixed: three');
  });

  it('gives one JSON object with the promised fields', () => {
    const one = repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    const two = repository.commit('fix: two');
    expect(json()).toMatchObject({
      current: '1.0.0',
      next: '1.0.1',
      bump: 'patch',
      reasons: [{ sha: two, subject: 'fix: two', bump: 'patch' }],
      commits: [{ sha: two, subject: 'fix: two', type: 'fix', bump: 'patch' }],
      changelog: expect.stringContaining('## [1.0.1]'),
      notes: expect.stringContaining('v1.0.1'),
      warnings: [],
    });
    expect(json('--to', one)).toMatchObject({ current: '1.0.0', next: null, bump: null, commits: [] });
  });

  it('ends well with bump null when nothing calls for a release', () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('docs: two');
    expect(json()).toMatchObject({ next: null, bump: null, changelog: '', notes: '' });
    expect(plan()).toMatchObject({ code: 0, out: 'Nothing calls for a release since 1.0.0.\n' });
  });

  it('does not say that nothing calls for a release where the tag format matches nothing', () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('feat: two');
    const { code, out } = plan('--tag-format', 'shop@{version}');
    expect(code).toBe(1);
    expect(out).toMatch(/^No version can be planned\.\n\nWarning: No tag is written as "shop@\{version\}"/);
    expect(plan('--tag-format', 'shop@{version}', '--bump', 'minor').code).toBe(0);
  });

  it('takes every option', () => {
    repository.commit('feat: one', { file: 'packages/shop/a.txt' });
    repository.git('tag', 'shop-v1.0.0');
    repository.commit('feat!: two (#2)', { file: 'packages/shop/a.txt' });
    repository.commit('feat: outside', { file: 'packages/else/a.txt' });
    const result = json(
      '--path',
      'packages/shop',
      '--tag-format',
      'shop-v{version}',
      '--prerelease',
      'rc',
      '--format',
      'conventional-commits',
      '--no-prs',
      '--no-breaking-section',
    );
    expect(result).toMatchObject({ next: '2.0.0-rc.1', nextTag: 'shop-v2.0.0-rc.1' });
    expect(result.changelog).toMatch(
      /^## 2\.0\.0-rc\.1 \(.*\)\n\n### Features\n\n\* \*\*Breaking:\*\* two \([0-9a-f]{7}\)\n$/,
    );
    expect(json('--from', 'shop-v1.0.0', '--bump', 'patch')).toMatchObject({ next: '1.0.1' });
  });

  it('prints the whole history with --all', () => {
    repository.git('remote', 'add', 'origin', 'git@github.com:acme/shop.git');
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('fix: two');
    repository.git('tag', 'v1.0.1');
    repository.commit('feat: three');
    const { out } = plan('--all');
    expect(out.match(/^## .*/gm)?.map((line) => line.replace(/ - .*/, ''))).toEqual([
      '## [Unreleased]',
      '## [1.1.0]',
      '## [1.0.1]',
      '## [1.0.0]',
    ]);
    expect(out).toContain(
      '[Unreleased]: https://github.com/acme/shop/compare/v1.1.0...HEAD\n[1.1.0]: https://github.com/acme/shop/compare/v1.0.1...v1.1.0\n',
    );
    expect(out).toContain('[1.0.0]: https://github.com/acme/shop/releases/tag/v1.0.0\n');
    const wrong = plan('--all', '--tag-format', 'shop@{version}');
    expect(wrong.code).toBe(0);
    expect(wrong.err).toContain('Warning: No tag is written as "shop@{version}"');
  });
});

describe('windlass plan --write', () => {
  it('updates changelog and version files, and changes nothing the second time', () => {
    repository.write('package.json', '{\n\t"name": "shop",\n\t"version": "1.0.0"\n}');
    repository.write(
      'package-lock.json',
      '{ "name": "shop", "version": "1.0.0", "packages": { "": { "version": "1.0.0" } } }\n',
    );
    repository.write('CHANGELOG.md', '# Log\r\n\r\n## 1.0.0\r\n\r\n- first\r\n');
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('feat: two');
    expect(plan('--write').out).toContain(
      'Wrote CHANGELOG.md\nWrote package.json\nWrote package-lock.json\n',
    );
    const texts = () =>
      ['package.json', 'package-lock.json', 'CHANGELOG.md'].map((name) =>
        readFileSync(join(repository.folder, name), 'utf8'),
      );
    const first = texts();
    expect(first[0]).toBe('{\n\t"name": "shop",\n\t"version": "1.1.0"\n}');
    expect(first[1]?.match(/1\.1\.0/g)).toHaveLength(2);
    expect(first[2]).toMatch(
      /^# Log\r\n\r\n## \[1\.1\.0\] - .*\r\n\r\n### Added\r\n\r\n- two\r\n\r\n## 1\.0\.0\r\n\r\n- first\r\n$/,
    );
    expect(plan('--write').out).toContain('All files are up to date');
    expect(texts()).toEqual(first);
  });

  it('of the whole history loses nothing that a person wrote', () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('fix: two');
    expect(plan('--all', '--write').code).toBe(0);
    const generated = readFileSync(join(repository.folder, 'CHANGELOG.md'), 'utf8');
    repository.git('tag', 'v1.0.1');
    repository.commit('fix: three');
    expect(plan('--all', '--write').code).toBe(0);
    const grown = readFileSync(join(repository.folder, 'CHANGELOG.md'), 'utf8');
    expect(grown.length).toBeGreaterThan(generated.length);
    repository.write('CHANGELOG.md', grown.replace('- two', '- two\n- and a word by hand'));
    const refused = plan('--all', '--write');
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toContain('says "- and a word by hand"');
    expect(readFileSync(join(repository.folder, 'CHANGELOG.md'), 'utf8')).toContain('by hand');
  });

  it('does not write through a link, and then writes nothing at all', () => {
    repository.write('package.json', '{"version":"1.0.0"}');
    repository.commit('feat: one');
    const outside = join(repository.folder, '.git', 'outside');
    symlinkSync(outside, join(repository.folder, 'CHANGELOG.md'));
    const { code, err } = plan('--write');
    expect([code, err]).toEqual([
      1,
      'windlass plan: CHANGELOG.md is not a plain file, so it is not written through. Nothing was changed.\n',
    ]);
    expect(existsSync(outside)).toBe(false);
    expect(readFileSync(join(repository.folder, 'package.json'), 'utf8')).toContain('1.0.0');
  });
});

describe('A repository with a configuration', () => {
  it('is not planned as a whole without a word: its products have paths, tags and rules of their own', () => {
    repository.commit('feat: one');
    for (const text of ['products: {', 'version: 1\n', 'products: []\n']) {
      repository.write('windlass.yaml', text);
      expect(plan().out).not.toContain('Warning: windlass.yaml');
    }
    repository.write('windlass.yaml', 'products:\n  web: {}\n  core: {}\n  cli: {}\n  docs: {}\n');
    expect(plan().out).toContain(
      'Warning: windlass.yaml describes what is released here (web, core, cli and 1 more), and this plan does not go by it: name a product, as in "windlass plan web".',
    );
    expect(json().warnings).toContainEqual(expect.stringContaining('name a product'));
  });
});

describe('A folder of the product that is a link', () => {
  it('is not written through, also for files that are not there yet', () => {
    const outside = mkdtempSync(join(tmpdir(), 'windlass-outside-'));
    onTestFinished(() => rmSync(outside, { recursive: true, force: true }));
    writeFileSync(join(outside, 'package.json'), '{"version":"1.0.0"}');
    symlinkSync(outside, join(repository.folder, 'away'));
    repository.git('add', 'away');
    repository.commit('feat: one');
    const { code, err } = plan('--write', '--path', 'away');
    expect(code).toBe(1);
    expect(err).toContain('a folder on the way is a link to');
    expect(err).toContain('Nothing was changed.');
    expect(readdirSync(outside)).toEqual(['package.json']);
    expect(readFileSync(join(outside, 'package.json'), 'utf8')).toBe('{"version":"1.0.0"}');
  });
});

describe('Wrong use of windlass plan', () => {
  it('is told with every mistake at once, and exit code 2', () => {
    const { code, out, err } = plan(
      '--bump',
      'huge',
      '--format=odd',
      '--to=-rf',
      '--prerelease',
      'a b',
      '--tag-format',
      '{version}{version}',
    );
    expect([code, out]).toEqual([2, '']);
    expect(err.split('\n').filter((line) => line.startsWith('windlass plan: '))).toHaveLength(5);
    expect(plan('--nonsense').code).toBe(2);
    expect(plan('stray').code).toBe(2);
    expect(plan('--help')).toMatchObject({ code: 0, err: '' });
  });

  it('in a folder without a repository is a sentence without a stack', () => {
    const { code, err } = plan('--repo', '/');
    expect(code).toBe(1);
    expect(err).toBe(
      'windlass plan: / is not inside a git repository. Nothing was changed. Name a repository with --repo.\n',
    );
  });
});

describe('Hostile repositories', () => {
  it('are printed harmlessly, and nothing in them runs', () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit(
      'feat: a$(touch pwned) `touch pwned` \u001b]0;title\u0007\u001b[2J\u202ednetne\u009b31m <script>',
    );
    repository.git('checkout', '--quiet', '-b', 'a$(touch$IFS$9pwned)');
    for (const args of [[], ['--json'], ['--all'], ['--to', 'a$(touch$IFS$9pwned)']]) {
      const { code, out } = plan(...args);
      expect(code).toBe(0);
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    expect(json().commits[0].subject).toContain('\u001b]0;title\u0007');
    expect(plan('--to', 'no\u001b[31mwhere').err).not.toContain('\u001b');
    expect(existsSync(join(repository.folder, 'pwned'))).toBe(false);
  });
});
