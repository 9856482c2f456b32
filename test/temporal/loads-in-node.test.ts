import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCommand } from '../../src/temporal/server/run-command.ts';

test('every module loads in plain Node, which sees fewer names of CommonJS packages than the test runner', async () => {
  const folder = fileURLToPath(new URL('../../src/temporal', import.meta.url));
  // A program that acts when it is loaded.
  const programs = ['sdk-download.ts'];
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !programs.includes(name));
  expect(files.length).toBeGreaterThan(10);
  const script = files.map((name) => `await import(${JSON.stringify(join(folder, name))});`).join('\n');
  const result = await runCommand(process.execPath, ['--input-type=module', '--eval', script], {
    environment: process.env,
    timeoutMs: 30_000,
  });
  expect(result).toMatchObject({ code: 0, stderr: '' });
});
