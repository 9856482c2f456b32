import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examine, renderReport } from '../../src/cli/doctor/doctor.ts';
import { findFreePort } from '../../src/temporal/free-port.ts';

let folder: string;
let environment: Record<string, string | undefined>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-doctor-'));
  await mkdir(join(folder, 'bin'));
  // A machine of our own making: only the programs that a test puts there.
  environment = { HOME: folder, PATH: join(folder, 'bin') };
  await putProgram('npm', 'echo 11.0.0');
  await putProgram('git', 'echo git version 2.50.1');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function putProgram(name: string, body: string): Promise<void> {
  const path = join(folder, 'bin', name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

describe('the doctor', () => {
  test('is content where everything needed is there, and says which Temporal is taken and why', async () => {
    await putProgram('temporal', 'echo "temporal version 1.8.2 (Server 1.32.0, UI 2.50.1)"');
    const report = await examine(environment);
    expect(report.healthy).toBe(true);
    expect(report.temporal).toMatchObject([
      { source: 'TEMPORAL_ADDRESS', outcome: 'passed over', reason: 'not set' },
      { source: 'TEMPORAL_CLI_PATH', outcome: 'passed over', reason: 'not set' },
      {
        source: 'PATH',
        outcome: 'taken',
        reason: 'its server is 1.32.0',
        location: join(folder, 'bin/temporal'),
      },
      { source: 'built before', outcome: 'not tried' },
      { source: 'downloaded before', outcome: 'not tried' },
      { source: 'SDK download', outcome: 'not tried' },
      { source: 'build from Go modules', outcome: 'not tried' },
    ]);
    const text = renderReport(report);
    expect(text).toContain('optional  chromium');
    expect(text).toContain('Everything that Windlass needs is here.');
  });

  test('names everything that is missing or too old at once, with what to do', async () => {
    await putProgram('git', 'echo git version 2.20.1');
    await rm(join(folder, 'bin', 'npm'));
    await symlink('/dev/null', join(folder, '.cache'));
    const report = await examine(environment);
    expect(report.healthy).toBe(false);
    const problems = report.findings.filter(({ state }) => state === 'problem');
    expect(problems.map(({ name }) => name)).toEqual(['npm', 'git', 'cache folder', 'temporal']);
    for (const { advice } of problems) expect(advice).toMatch(/\w{3,}/);
    expect(renderReport(report)).toMatch(/PROBLEM {3}git +2\.20\.1, and 2\.34\.0 or later is needed/);
  });

  test('says that Go would build Temporal where nothing else is there, without building it', async () => {
    await putProgram('go', 'echo go1.26.8');
    const report = await examine(environment);
    expect(report.healthy).toBe(true);
    expect(report.findings.find(({ name }) => name === 'temporal')?.found).toMatch(
      /go1\.26\.8 would build it/,
    );
  });

  test('says when the server that TEMPORAL_ADDRESS names is away', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    const report = await examine({ ...environment, TEMPORAL_ADDRESS: address });
    expect(report.healthy).toBe(false);
    expect(report.findings.find(({ name }) => name === 'temporal')?.found).toContain(
      `${address} does not answer`,
    );
  });
});
