import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { addResults } from '../../scripts/add-results.mjs';

const SCRIPT = fileURLToPath(new URL('../../scripts/add-results.mjs', import.meta.url));
const tests = { name: 'npm-test', exitCode: 0, output: 'much\n12 passed, 0 failed\nnpm notice\n' };
const crash = { name: 'crash-test', exitCode: 0, output: 'ok   tag before (3.1 s)\n5 passed, 0 failed\n' };

describe('the result of several runs', () => {
  test('is one line with the sum, and the last line of each run counts', () => {
    const twice = { ...crash, output: `1 passed, 1 failed\n${crash.output}` };
    expect(addResults([tests, twice])).toEqual({
      summary: '17 passed, 0 failed',
      passed: true,
      problems: [],
    });
  });

  test.each([
    [
      'a failure of the first',
      [{ ...tests, exitCode: 1, output: '11 passed, 1 failed' }, crash],
      '16 passed, 1 failed',
    ],
    [
      'a failure of the second',
      [tests, { ...crash, exitCode: 1, output: '4 passed, 1 failed' }],
      '16 passed, 1 failed',
    ],
    [
      'a run that ended without a result',
      [tests, { ...crash, exitCode: 124, output: 'ok' }],
      '12 passed, 1 failed',
    ],
    ['a run that failed though its tests did not', [tests, { ...crash, exitCode: 1 }], '17 passed, 1 failed'],
    [
      'skipped tests where none may be',
      [{ ...tests, exitCode: 1, output: '12 passed, 0 failed, 2 skipped' }, crash],
      '17 passed, 0 failed, 2 skipped',
    ],
    ['nothing at all', [], '0 passed, 1 failed'],
  ])('fails for %s', (_what, runs, summary) => {
    expect(addResults(runs)).toMatchObject({ summary, passed: false });
  });

  test('names again what failed, with its reason', () => {
    const failed = {
      ...tests,
      exitCode: 1,
      output: '*** a.test.ts: adds: expected 1 to be 2 ***\n11 passed, 1 failed\n',
    };
    const killed = {
      ...crash,
      exitCode: 1,
      output: 'FAIL tag before (3 s)\n     two tags\nok   b (1 s)\n4 passed, 1 failed\n',
    };
    expect(addResults([failed, killed])).toEqual({
      summary: '15 passed, 2 failed',
      passed: false,
      problems: [
        'npm-test: a.test.ts: adds: expected 1 to be 2',
        'crash-test: FAIL tag before (3 s)\n     two tags',
      ],
    });
  });

  test('is what the script prints last and ends with', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'windlass-results-'));
    try {
      for (const { name, output } of [tests, crash]) await writeFile(join(folder, name), output);
      const add = (code: number) =>
        promisify(execFile)(process.execPath, [
          ...[SCRIPT, '0', join(folder, 'npm-test')],
          ...[String(code), join(folder, 'crash-test')],
        ]);
      expect((await add(0)).stdout).toBe('17 passed, 0 failed\n');
      await expect(add(1)).rejects.toMatchObject({ code: 1, stdout: '17 passed, 1 failed\n' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
