/** Blocks of commands do what they say, in a repository as their readers have one. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRepository, type TestRepository } from '../integrations/git/history-repository.ts';
import { PROGRAM, programPath } from '../support/program.ts';
import { listDocuments, readDocument } from './read-documents.ts';

let repository: TestRepository;
let home: string;
beforeEach(() => {
  repository = createRepository();
  home = mkdtempSync(join(tmpdir(), 'windlass-docs-'));
  mkdirSync(join(home, 'bin'));
  symlinkSync(PROGRAM, join(home, 'bin', 'windlass'));
});
afterEach(() => {
  repository.remove();
  rmSync(home, { recursive: true });
});

const blocks = listDocuments()
  .flatMap((file) => readDocument(file).blocks)
  .filter(({ info }) => info === 'sh');

function run(shell: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', shell], {
    cwd: repository.folder,
    encoding: 'utf8',
    env: {
      PATH: `${join(home, 'bin')}:${programPath()}`,
      HOME: home,
    },
  });
  return { status, stdout, stderr };
}

/** Series of a quarter of an hour, as `windlass judge` takes them. */
function writeSeries(file: string, orders: number): void {
  const minutes = Array.from({ length: 15 }, (_, minute) =>
    new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString(),
  );
  const rows = minutes.flatMap((time) => [
    `${time},error_rate,0.5,1000`,
    `${time},latency_p99,180,`,
    `${time},orders,${orders},`,
  ]);
  repository.write(file, `time,check,value,requests\n${rows.join('\n')}\n`);
}

/** The configuration of checks that the page on verdicts shows. */
const CHECKS = readDocument('docs/verdicts.md').blocks.find(({ info }) => info === 'yaml')!;

it.each(blocks)('$place', ({ text }) => {
  repository.write(
    'package.json',
    JSON.stringify({ name: 'shop', version: '1.0.0', scripts: { test: 'true' } }),
  );
  repository.commit('feat: a shop');
  repository.git('tag', 'v1.0.0');
  repository.write('checks.yaml', CHECKS.text);
  writeSeries('old.csv', 40);
  writeSeries('new.csv', 41);
  repository.commit('feat: a basket');
  // Whoever does not write a configuration has one.
  if (!text.includes('windlass init')) expect(run('windlass init').status).toBe(0);
  const { status, stdout, stderr } = run(text);
  // A page that plans with and without a product has both in one block; beside the file the first is warned of.
  const complaints = stderr.replace(/^Warning: windlass\.yaml describes .*\n/gm, '');
  expect({ status, complaints }, stdout).toEqual({ status: 0, complaints: '' });
  expect(stdout).not.toBe('');
});

it('there are such blocks', () => expect(blocks.length).toBeGreaterThan(2));
