import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withFolderLock } from '../../../src/integrations/process/folder-lock.ts';

const MODULE = fileURLToPath(new URL('../../../src/integrations/process/folder-lock.ts', import.meta.url));
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'windlass-lock-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs a program in a process of its own; `lock` is the module under test. */
function startProgram(body: string): { pid: number; kill(): void; ended: Promise<number | null> } {
  const program = join(root, `program-${Math.random()}.ts`);
  writeFileSync(
    program,
    `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
     import { withFolderLock } from ${JSON.stringify(MODULE)};
     const lock = ${JSON.stringify(join(root, 'locks'))}, root = ${JSON.stringify(root)};
     ${body}`,
  );
  const child = spawn(process.execPath, [program], { stdio: 'ignore' });
  return {
    pid: child.pid!,
    kill: () => child.kill('SIGKILL'),
    ended: new Promise((done) => child.once('exit', done)),
  };
}

describe('the lock of a folder', () => {
  it('lets one at a time in, of several processes with several callers each', async () => {
    writeFileSync(join(root, 'counter'), '0');
    const programs = [1, 2, 3].map(() =>
      startProgram(`await Promise.all(Array.from({ length: 5 }, () => withFolderLock(lock, async () => {
        const value = Number(readFileSync(root + '/counter', 'utf8'));
        await new Promise((done) => setTimeout(done, 3));
        writeFileSync(root + '/counter', String(value + 1));
      })));`),
    );
    expect(await Promise.all(programs.map((program) => program.ended))).toEqual([0, 0, 0]);
    expect(readFileSync(join(root, 'counter'), 'utf8')).toBe('15');
    // One released number stays; no tickets.
    expect(readdirSync(join(root, 'locks'))).toEqual(['lock-15']);
  });

  it('is taken over at once when its holder was killed, by one of those who wait', async () => {
    const holder = startProgram(
      `await withFolderLock(lock, async () => { writeFileSync(root + '/held', ''); await new Promise((done) => setTimeout(done, 1e6)); });`,
    );
    await vi.waitUntil(() => existsSync(join(root, 'held')), { timeout: 20_000 });
    await expect(
      withFolderLock(join(root, 'locks'), async () => 'in', { patienceMs: 200 }),
    ).rejects.toMatchObject({ name: 'LockBusy' });
    let inside = 0;
    const waiting = [1, 2, 3].map(() =>
      withFolderLock(join(root, 'locks'), async () => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((done) => setTimeout(done, 5));
        inside -= 1;
      }),
    );
    holder.kill();
    await holder.ended;
    await Promise.all(waiting);
  });

  it('is free again when the work throws', async () => {
    const failing = withFolderLock(join(root, 'locks'), async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await withFolderLock(join(root, 'locks'), async () => 'in', { patienceMs: 0 })).toBe('in');
  });
});
