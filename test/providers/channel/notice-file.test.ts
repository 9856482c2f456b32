import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendNotice } from '../../../src/providers/channel/file/notice-file.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-notice-'));
  file = join(folder, 'notices.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function notice(id: string) {
  return { id, time: '2026-01-01T00:00:00Z', title: 'Staged', text: 'two\nlines' };
}

async function readIds(): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { id: string }).id);
}

test('a notice is a line of JSON that appears once per id', async () => {
  expect(await appendNotice({ file, notice: notice('a') })).toBe('appended');
  expect(await appendNotice({ file, notice: notice('b') })).toBe('appended');
  expect(await appendNotice({ file, notice: notice('a') })).toBe('already_there');
  expect(await readIds()).toEqual(['a', 'b']);
});

test('a line that a crash left half written is closed off and told again', async () => {
  await appendNotice({ file, notice: notice('a') });
  await appendFile(file, JSON.stringify(notice('b')).slice(0, 20));
  expect(await appendNotice({ file, notice: notice('b') })).toBe('appended');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2] ?? '')).toEqual(notice('b'));
});

test('four processes that append the same thirty ids at once leave each exactly once', async () => {
  const module = fileURLToPath(
    new URL('../../../src/providers/channel/file/notice-file.ts', import.meta.url),
  );
  const script = `
    const { appendNotice } = await import(${JSON.stringify(module)});
    for (let n = 0; n < 30; n += 1) {
      await appendNotice({ file: process.argv[1], notice: { id: String(n), time: '', title: '', text: '' } });
    }`;
  const children = [1, 2, 3, 4].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', script, file], { stdio: 'inherit' }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect((await readIds()).sort()).toEqual(Array.from({ length: 30 }, (_, n) => String(n)).sort());
  expect((await readdir(folder)).sort()).toEqual(['notices.jsonl', 'notices.jsonl.locks']);
});

test('the lock of a process that died is broken, once', async () => {
  const module = fileURLToPath(new URL('../../../src/integrations/process/folder-lock.ts', import.meta.url));
  const script = `
    const { withFolderLock } = await import(${JSON.stringify(module)});
    await withFolderLock(process.argv[1], async () => process.kill(process.pid, 'SIGKILL'));`;
  const dead = spawn(process.execPath, ['--input-type=module', '-e', script, `${file}.locks`]);
  expect(await once(dead, 'exit')).toEqual([null, 'SIGKILL']);
  const outcomes = await Promise.all(['a', 'a', 'b'].map((id) => appendNotice({ file, notice: notice(id) })));
  expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(2);
  expect((await readIds()).sort()).toEqual(['a', 'b']);
  // The one number that tells whose turn comes next.
  expect(await readdir(`${file}.locks`)).toHaveLength(1);
});
