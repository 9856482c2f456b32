/**
 * Records histories for the replay test: `node test/replay/record.ts [NAME…]`. With names only those are recorded anew,
 * and no other file is touched; without, all of them. Takes some minutes.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));
const folder = fileURLToPath(new URL('./histories/', import.meta.url));
const names = process.argv.slice(2);
for (const file of readdirSync(folder)) {
  const wanted = names.includes(file.replace(/-[a-zA-Z]+-\d+\.bin\.gz$/, ''));
  if (names.length === 0 || wanted) rmSync(`${folder}${file}`);
}
const only = names.length === 0 ? [] : ['-t', `record histories (?:${names.join('|')})$`];
const { status } = spawnSync('npx', ['vitest', 'run', 'test/replay/record-histories.test.ts', ...only], {
  cwd: project,
  stdio: 'inherit',
  env: { ...process.env, WINDLASS_RECORD: '1' },
});
process.exitCode = status ?? 1;
