import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runConfig } from '../../src/cli/config.ts';
import { say } from '../cli/cli-context.ts';
import { change, makeFolder, type Raw } from './support/config-file.ts';

/** A repository beside the configuration, as WHOLE names it, and what `config check` says there. */
async function check(
  files: Record<string, string>,
  edit: (shop: Raw) => void = () => undefined,
  tag = 'v1.0.0',
) {
  const root = makeFolder();
  const origin = join(root, 'origin/shop.git');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', origin, '-c', 'user.name=T', '-c', 'user.email=t@example.test', ...args]);
  mkdirSync(origin, { recursive: true });
  git('init', '--quiet', '-b', 'main');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(origin, path)), { recursive: true });
    writeFileSync(join(origin, path), text);
  }
  git('add', '--all');
  git('commit', '--quiet', '-m', 'feat: begin');
  git('tag', tag);
  git('commit', '--quiet', '--allow-empty', '-m', 'feat: more');
  // Another branch is checked out: what counts is the one that is released.
  git('checkout', '--quiet', '--orphan', 'elsewhere');
  git('rm', '-rfq', '.');
  mkdirSync(join(root, 'ops'));
  writeFileSync(
    join(root, 'ops/windlass.yaml'),
    change((_raw, shop) => edit(shop)),
  );
  const text = await say(runConfig, ['check'], {}, join(root, 'ops'));
  const json = await say(runConfig, ['check', '--json'], {}, join(root, 'ops'));
  return { ...text, json: JSON.parse(json.out) };
}

const PACKAGE = '{\n  "name": "shop",\n  "version": "1.0.0"\n}\n';

describe('windlass config check, on the repository', () => {
  it('tries the next version on the files of the branch that is released', async () => {
    const { code, out, json } = await check({
      'package.json': PACKAGE,
      'package-lock.json':
        '{"name":"shop","version":"1.0.0","packages":{"":{"name":"shop","version":"1.0.0"}}}',
    });
    const looked =
      'the next version would go from 1.0.0 to 1.1.0; written with it: package.json, package-lock.json';
    expect([code, out]).toEqual([0, expect.stringContaining(`shop: ${looked}.\n`)]);
    expect(json).toMatchObject({ ok: true, looked: { shop: looked }, mistakes: [] });
  });

  it('finds every version file that could not be written', async () => {
    const { code, err, json } = await check(
      { 'package.json': PACKAGE, 'app/build.txt': 'no version here' },
      (shop) => {
        shop.version_files = [
          'package.json',
          'setup.cfg',
          { path: 'app/build.txt', pattern: 'build={version}' },
        ];
      },
    );
    expect(code).toBe(1);
    expect(err).toContain('The version file setup.cfg does not exist');
    expect(err).toContain('app/build.txt');
    expect(json.mistakes.map(({ path }: Raw) => path)).toEqual(['products.shop', 'products.shop']);
  });

  it('finds a tag format that no tag has', async () => {
    const { code, err } = await check({ 'package.json': PACKAGE }, undefined, 'shop@1.0.0');
    expect([code, err]).toEqual([1, expect.stringContaining('No tag is written as "v{version}"')]);
  });

  it('finds a branch that is not there', async () => {
    const { code, err } = await check({ 'package.json': PACKAGE }, (shop) => {
      shop.release = { release_branch: 'trunk' };
    });
    expect([code, err]).toEqual([1, expect.stringContaining('trunk')]);
  });

  it('warns of a file that somebody moved by hand', async () => {
    const { code, out } = await check({ 'package.json': PACKAGE.replace('1.0.0', '0.9.0') });
    expect(code).toBe(0);
    expect(out).toMatch(/warnings?, which.*0\.9\.0/s);
  });
});
