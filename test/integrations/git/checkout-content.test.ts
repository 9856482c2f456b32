import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withCheckout } from '../../../src/integrations/git/checkout.ts';
import { isSameHost, listSubmodules } from '../../../src/integrations/git/checkout-content.ts';
import {
  fetchMirror,
  type Mirror,
  openMirror,
  resolveCommit,
} from '../../../src/integrations/git/mirror/mirror.ts';

function makeRoot() {
  const root = mkdtempSync(join(tmpdir(), 'windlass-content-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const git = (repository: string, ...args: string[]) =>
    execFileSync(
      'git',
      [
        '-C',
        join(root, repository),
        '-c',
        'user.name=T',
        '-c',
        'user.email=t@example.test',
        '-c',
        'protocol.file.allow=always',
        ...args,
      ],
      { encoding: 'utf8' },
    ).trim();
  const commit = (repository: string, files: Record<string, string>) => {
    mkdirSync(join(root, repository), { recursive: true });
    git(repository, 'init', '--quiet', '-b', 'main');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, repository, path)), { recursive: true });
      writeFileSync(join(root, repository, path), text);
    }
    git(repository, 'add', '--all');
    git(repository, 'commit', '--quiet', '-m', 'feat: it');
    return git(repository, 'rev-parse', 'HEAD');
  };
  const open = async (repository: string): Promise<[Mirror, string]> => {
    const mirror = await openMirror({ url: join(root, repository), folder: join(root, 'work') });
    await fetchMirror(mirror);
    return [mirror, await resolveCommit(mirror, 'main')];
  };
  return { root, git, commit, open };
}

const POINTER =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';

describe('submodules of a checkout', () => {
  it('have their content, at the commit that the product names, and theirs in turn', async () => {
    const { root, git, commit, open } = makeRoot();
    commit('deep', { 'deep.txt': 'deep' });
    commit('lib', { 'lib.txt': 'one' });
    git('lib', 'submodule', '--quiet', 'add', '../deep', 'vendor/deep');
    git('lib', 'commit', '--quiet', '-m', 'feat: deep');
    commit('product', { 'main.txt': 'main' });
    git('product', 'submodule', '--quiet', 'add', join(root, 'lib'), 'third party/lib');
    git('product', 'commit', '--quiet', '-m', 'feat: lib');
    // The submodule moves on; the product stands where it stood.
    commit('lib', { 'lib.txt': 'two' });
    const [mirror, sha] = await open('product');
    await withCheckout(mirror, sha, async (folder) => {
      const read = (path: string) => readFileSync(join(folder, path), 'utf8');
      expect(read('third party/lib/lib.txt')).toBe('one');
      expect(read('third party/lib/vendor/deep/deep.txt')).toBe('deep');
      expect(execFileSync('git', ['-C', folder, 'status', '--porcelain'], { encoding: 'utf8' })).toBe('');
    });
  });

  it('are refused by name where their commit is nowhere', async () => {
    const { root, git, commit, open } = makeRoot();
    commit('lib', { 'lib.txt': 'one' });
    commit('product', { 'main.txt': 'main' });
    git('product', 'submodule', '--quiet', 'add', join(root, 'lib'), 'lib');
    git('product', 'update-index', '--cacheinfo', `160000,${'1234'.repeat(10)},lib`);
    git('product', 'commit', '--quiet', '-m', 'feat: lost');
    const [mirror, sha] = await open('product');
    await expect(withCheckout(mirror, sha, async () => 'built')).rejects.toThrow(
      /submodule lib stands at 123412341234, which .* does not have/,
    );
  });

  it('never come from the machine itself where the repository does not', async () => {
    const { root, git, commit } = makeRoot();
    commit('lib', { 'lib.txt': 'one' });
    commit('product', { 'main.txt': 'main' });
    git('product', 'submodule', '--quiet', 'add', join(root, 'lib'), 'lib');
    const at = (url: string) => listSubmodules({ url } as Mirror, join(root, 'product'));
    await expect(at('https://git.example.test/team/product.git')).rejects.toThrow(
      /is a folder of this machine/,
    );
    expect(await at(join(root, 'product'))).toMatchObject([{ path: 'lib', url: join(root, 'lib') }]);
    git('product', 'config', '-f', '.gitmodules', 'submodule.lib.url', '../libs/lib.git');
    expect(await at('https://git.example.test/team/product.git')).toMatchObject([
      { url: 'https://git.example.test/team/libs/lib.git' },
    ]);
    expect(await at('git@git.example.test:team/product.git')).toMatchObject([
      { url: 'git@git.example.test:team/libs/lib.git' },
    ]);
    expect(isSameHost('https://git.example.test/a', 'https://git.example.test/b')).toBe(true);
    expect(isSameHost('https://git.example.test/a', 'https://evil.test/git.example.test')).toBe(false);
  });
});

describe('files in Git LFS', () => {
  it('are never taken for their pointers', async () => {
    const { commit, open } = makeRoot();
    commit('product', {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      'logo.bin': POINTER,
    });
    const [mirror, sha] = await open('product');
    await expect(withCheckout(mirror, sha, async () => 'built')).rejects.toThrow(
      /The commit is not whole here: logo\.bin has no content, since they are in Git LFS/,
    );
  });

  it('are found by the attributes of a folder below the root, too', async () => {
    const { commit, open } = makeRoot();
    commit('product', { 'packages/a/.gitattributes': '*.bin filter=lfs\n', 'packages/a/logo.bin': POINTER });
    const [mirror, sha] = await open('product');
    await expect(withCheckout(mirror, sha, async () => 'built')).rejects.toThrow(
      /packages\/a\/logo\.bin has no content, since they are in Git LFS/,
    );
  });

  it('are not looked for where nothing says so: a text about pointers is a text', async () => {
    const { commit, open } = makeRoot();
    commit('product', { 'about.md': POINTER, '.gitattributes': '*.bin filter=lfs\n' });
    const [mirror, sha] = await open('product');
    expect(await withCheckout(mirror, sha, async () => 'built')).toBe('built');
  });
});
