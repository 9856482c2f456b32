import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import config from '../../vitest.config.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
const runs = Object.keys(scripts).filter((name) => name === 'test' || name.startsWith('test:'));

test('every run of the tests has a script, a line of its own in CI, and a row in CONTRIBUTING.md', () => {
  const projects = (config.test?.projects ?? []).map((project) => {
    if (typeof project !== 'object' || !('test' in project)) throw new Error('a run without a name');
    return String(project.test?.name);
  });
  const wanted = [
    'test',
    'test:crash',
    ...projects.filter((name) => name !== 'default').map((name) => `test:${name}`),
  ];
  expect(runs.toSorted()).toEqual(wanted.toSorted());
  const inCi = [...read('.ci/run').matchAll(/^run_part \S+ '\S+' (?:run )?(\S+)$/gm)].map(([, name]) => name);
  expect(inCi.toSorted()).toEqual(runs.toSorted());
  for (const run of runs) {
    expect(read('CONTRIBUTING.md')).toContain(run === 'test' ? '| `npm test` |' : `| \`npm run ${run}\` |`);
  }
});

test('a run with a name has its folder', () => {
  const folders = readdirSync(fileURLToPath(new URL('..', import.meta.url)));
  for (const run of runs) if (run !== 'test') expect(folders).toContain(run.replace('test:', ''));
});
