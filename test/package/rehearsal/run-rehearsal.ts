/** `npm run release:rehearse`: releases the next version of Windlass on this machine, and leaves its package. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVerdaccio } from '../../support/server/verdaccio.ts';
import { rehearseRelease } from './rehearse-release.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0).padStart(3)} s`;

const root = mkdtempSync(join(tmpdir(), 'windlass-rehearsal-'));
const registry = await startVerdaccio();
try {
  const { version, origin, tarball, integrity } = await rehearseRelease({
    root,
    registry,
    environment: process.env,
    onProgress: (sentence) => console.log(`${seconds()}  ${sentence}`),
  });
  const kept = join(ROOT, '.windlass', 'rehearsal');
  mkdirSync(kept, { recursive: true });
  copyFileSync(tarball, join(kept, basename(tarball)));
  console.log(
    execFileSync('git', ['-C', origin, 'log', '-1', '--stat', `v${version}`], { encoding: 'utf8' }),
  );
  console.log(
    `windlass ${version} is in ${relative(process.cwd(), join(kept, basename(tarball)))} (${integrity}).`,
  );
} finally {
  await registry.stop();
  rmSync(root, { recursive: true, force: true });
}
