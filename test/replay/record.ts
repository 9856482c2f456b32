/** Records fresh histories for the replay test: `node test/replay/record.ts`. Takes some minutes. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));
rmSync(fileURLToPath(new URL('./histories', import.meta.url)), { recursive: true, force: true });
const { status } = spawnSync('npx', ['vitest', 'run', 'test/replay/record-histories.test.ts'], {
  cwd: project,
  stdio: 'inherit',
  env: { ...process.env, WINDLASS_RECORD: '1' },
});
process.exitCode = status ?? 1;
