/** What `windlass plan` loads: each file costs its start a quarter of a millisecond, so only what the plan needs. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRepository, type TestRepository } from '../integrations/git/history-repository.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Prints every file that is loaded, from the folder of sources or packages on. */
const LISTS_FILES = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const files = [];
  registerHooks({ load: (url, context, next) => { files.push(url); return next(url, context); } });
  process.on('exit', () => process.stderr.write(JSON.stringify(files)));
`)}`;

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => repository.remove());

function listLoaded(): string[] {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', LISTS_FILES, MAIN, 'plan'],
    { cwd: repository.folder, encoding: 'utf8' },
  );
  expect(status).toBe(0);
  const urls: string[] = JSON.parse(stderr);
  const own = urls.filter((url) => url.startsWith('file:'));
  return own.map((url) => /\/(?:src|node_modules)\/(.*)$/.exec(url)?.[1] ?? url).sort();
}

const kindsOf = (files: string[]) =>
  files.filter((file) => /version-files\/(?:manifests|locks|followers\/(?!index)|pattern)/.test(file));

describe('what windlass plan loads', () => {
  it('is no package, no configuration, and no kind of version file that is not there', () => {
    repository.commit('feat: one');
    const files = listLoaded();
    expect(files.filter((file) => !/^(?:cli|integrations\/git|release)\//.test(file))).toEqual([
      // The nearest of a word's neighbours, for a mistyped option.
      'config/mistakes/nearest.ts',
    ]);
    expect(kindsOf(files)).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(60);
  });

  it('is of the version files the kind that is there, and what follows it', () => {
    writeFileSync(join(repository.folder, 'Cargo.toml'), '[package]\nname = "a"\nversion = "1.0.0"\n');
    repository.commit('feat: one');
    const folder = 'release/plan/version-files';
    expect(kindsOf(listLoaded())).toEqual([
      `${folder}/followers/cargo.ts`,
      `${folder}/manifests/cargo-toml.ts`,
    ]);
  });
});
