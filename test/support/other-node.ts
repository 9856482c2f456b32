import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'windlass');

/**
 * A Node of another version, kept between runs: the platform's own package of npm's `node`, which is nothing but the
 * program, so that no script of a package has to run.
 *
 * @param version exact, as in the registry
 * @returns path of the program
 * @throws where the registry has no such package for this platform
 */
export function fetchNode(version: string): string {
  const kept = join(CACHE, `node-${version}`);
  const program = join(kept, 'package', 'bin', 'node');
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  const making = mkdtempSync(join(CACHE, 'node-'));
  try {
    const name = `node-${process.platform}-${process.arch}`;
    const packed = execFileSync('npm', ['pack', `${name}@${version}`, '--silent'], {
      cwd: making,
      encoding: 'utf8',
      timeout: 240_000,
    });
    execFileSync('tar', ['-xzf', packed.trim(), 'package/bin/node'], { cwd: making });
    rmSync(join(making, packed.trim()));
    // Beside a run that had the same thought, either is right.
    if (!existsSync(kept)) renameSync(making, kept);
    return program;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
