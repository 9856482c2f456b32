import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listChanges } from '../../src/activities/writer/list-changes.ts';
import { fetchMirror, type Mirror, openMirror } from '../../src/integrations/git/mirror/mirror.ts';
import type { RuleCondition } from '../../src/release/policy/approval-rules.ts';
import type { ProductSettings } from '../../src/release/settings.ts';

/** What approval rules go by: the files that differ between two commits of a real repository. */
describe('what a release changes', () => {
  let root: string;
  let origin: string;
  let mirror: Mirror;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'windlass-changes-'));
    origin = join(root, 'origin');
    git(root, 'init', '--quiet', '--initial-branch=main', origin);
    commit({ 'src/app.ts': 'a', 'shop/db/migrations/1.sql': 'a', 'shop/package-lock.json': '{}' });
    git(origin, 'tag', 'v1.0.0');
    mirror = await openMirror({ url: origin, folder: join(root, 'mirrors') });
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is looked up only for what the rules ask, folder by folder and in every depth', async () => {
    commit({ 'src/app.ts': 'b', 'web/yarn.lock': 'x', 'other/README.md': 'x' });
    const asks = [
      { migrations: true, dependencies: true },
      { paths: ['src/**', 'docs/**', '*.md', '**/*.md'] },
    ];
    expect(await changes(asks)).toEqual({
      migrations: false,
      dependencies: true,
      'path src/**': true,
      'path docs/**': false,
      'path *.md': false,
      'path **/*.md': true,
    });
    expect(await changes([])).toBeUndefined();
    expect(await changes([{ environments: ['production'] }])).toBeUndefined();
  });

  it('counts what was deleted or moved away, and nothing that was put back', async () => {
    git(origin, 'mv', 'shop/db/migrations/1.sql', 'shop/1.sql');
    git(origin, 'commit', '--quiet', '-m', 'move');
    expect(await changes([{ migrations: true }])).toEqual({ migrations: true });
    git(origin, 'revert', '--no-edit', 'HEAD');
    expect(await changes([{ migrations: true }])).toEqual({ migrations: false });
  });

  it('is of a monorepo what belongs to the product; a path is meant from the top', async () => {
    commit({ 'pay/migrations/2.sql': 'x', 'pay/go.sum': 'x' });
    const asks = [{ migrations: true, dependencies: true, paths: ['pay/**'] }];
    expect(await changes(asks, { path: 'shop' })).toEqual({
      migrations: false,
      dependencies: false,
      'path pay/**': true,
    });
    expect(
      await changes(asks, { path: 'shop', includePaths: ['pay'], excludePaths: ['pay/go.sum'] }),
    ).toEqual({
      migrations: true,
      dependencies: false,
      'path pay/**': true,
    });
  });

  it('goes by the product’s own places for migrations, and is everything where there is no version before', async () => {
    commit({ 'schema/2.sql': 'x' });
    expect(await changes([{ migrations: true }], { migrationPaths: ['schema/**'] })).toEqual({
      migrations: true,
    });
    expect(await changes([{ migrations: true }])).toEqual({ migrations: false });
    for (const previousTag of [null, 'v0.9.9']) {
      expect(await changes([{ migrations: true }], {}, previousTag)).toEqual({ migrations: true });
    }
  });

  async function changes(
    conditions: Partial<RuleCondition>[],
    more: Partial<ProductSettings> = {},
    previousTag: string | null = 'v1.0.0',
  ) {
    await fetchMirror(mirror);
    const rules = conditions.map((when, at) => ({
      name: `rule ${at}`,
      when: { types: ['minor'], ...when },
      require: ['ceo'],
    }));
    const product = { path: '', approvals: { rules }, ...more } as unknown as ProductSettings;
    const base = git(origin, 'rev-parse', 'HEAD');
    return await listChanges(mirror, product, { base, previousTag: previousTag ?? undefined });
  }

  function commit(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(origin, path)), { recursive: true });
      writeFileSync(join(origin, path), text);
    }
    git(origin, 'add', '-A');
    git(origin, 'commit', '--quiet', '-m', 'feat: files');
  }
});

function git(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
  return execFileSync('git', [...who, ...args], { cwd, encoding: 'utf8' }).trim();
}
