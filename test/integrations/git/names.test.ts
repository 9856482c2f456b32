import { describe, expect, it } from 'vitest';
import {
  assertBranch,
  assertRemoteUrl,
  assertRepositoryPath,
  assertSha,
  assertTag,
  isSafeRefName,
} from '../../../src/integrations/git/names.ts';
import { runPlainGit } from './git-world.ts';

const HOSTILE = [
  '--upload-pack=touch /tmp/x',
  '-b',
  'a b',
  'a..b',
  'a/../b',
  'a//b',
  '/a',
  'a/',
  'a.lock',
  'a.',
  '.a',
  'a/.b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'a@{1}',
  'a\nb',
  'a\0b',
  'a\u202eb',
  '$(id)',
  'a;b',
  '',
  'x'.repeat(300),
];

describe('names for git', () => {
  it.each(HOSTILE)('refuses %j as branch and as tag', (name) => {
    expect(() => assertBranch(name)).toThrow(/no name for a branch/);
    expect(() => assertTag(name)).toThrow(/no name for a tag/);
    expect(isSafeRefName(`refs/heads/${name}`)).toBe(false);
  });

  it.each([
    'main',
    'release/shop/v1.2.0',
    'v1.0.0+build.5',
    '@scope/pkg@1.0.0',
    'überarbeitung',
    'fix_#12',
    'a=b,c',
  ])('takes %j, as git itself does', (name) => {
    expect(assertBranch(name)).toBe(name);
    expect(runPlainGit('/', 'check-ref-format', '--normalize', `refs/heads/${name}`)).toBe(
      `refs/heads/${name}`,
    );
  });

  it('takes full commit ids only', () => {
    expect(assertSha('a'.repeat(40))).toBe('a'.repeat(40));
    for (const sha of ['a'.repeat(39), 'A'.repeat(40), 'HEAD', `${'a'.repeat(40)}\n`, '--all']) {
      expect(() => assertSha(sha)).toThrow(/no full commit id/);
    }
  });

  it('refuses paths that leave the tree or reach into the repository', () => {
    expect(assertRepositoryPath('docs/-x/.github/a b.md')).toBe('docs/-x/.github/a b.md');
    for (const path of [
      '../a',
      '/a',
      'a/../b',
      '.git/config',
      'a/.GIT/hooks/x',
      'GIT~1/x',
      '.git /x',
      'a\\b',
      'a\nb',
      '',
      'a/',
    ]) {
      expect(() => assertRepositoryPath(path)).toThrow(/no path of a file/);
    }
  });

  it('takes addresses of allowed kinds, without a credential in them', () => {
    const fine = [
      '/srv/shop.git',
      'file:///srv/shop.git',
      'https://github.com/acme/shop.git',
      'http://127.0.0.1:8080/shop.git',
      'ssh://git@example.com/shop.git',
      'git@example.com:acme/shop.git',
    ];
    for (const url of fine) expect(assertRemoteUrl(url)).toBe(url);
    const bad = [
      'ext::sh -c id',
      'ext::id',
      '--upload-pack=id',
      'git://example.com/x',
      'http://example.com/x.git',
      'https://token@example.com/x.git',
      'https://user:secret@example.com/x.git',
      'ssh://-oProxyCommand=id/x',
      'git@-oProxyCommand=id:x',
      'relative/path',
      'https://example.com/a b',
    ];
    for (const url of bad) expect(() => assertRemoteUrl(url), url).toThrow(/cannot be used/);
    expect(() => assertRemoteUrl('https://user:s3cret@example.com/x.git')).not.toThrow(/s3cret/);
  });
});
