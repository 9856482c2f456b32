import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validateAction } from '@action-validator/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Outcome, ReleaseRecord } from '../../src/release/record/record.ts';
import { recordAfter, UNTIL_MONITORING } from '../release/views/sample-record.ts';
import { startTestApp, type TestApp, tokenOf } from './support/test-app.ts';

interface Action {
  inputs: Record<string, { required: boolean; default?: string }>;
  outputs: Record<string, { value: string }>;
  runs: { steps: { id: string; if?: string; run: string; env: Record<string, string> }[] };
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEXT = readFileSync(join(ROOT, 'action.yml'), 'utf8');
const action = parse(TEXT) as Action;

it('action.yml is a metadata file as GitHub describes it', () => {
  expect(validateAction(TEXT).errors).toEqual([]);
  expect(validateAction(TEXT.replace('using: composite', 'using: nothing')).errors).not.toEqual([]);
});

it('no input is pasted into the text of a script', () => {
  for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
});

/** A runner's image has them; where one is missing, this says so. */
function hasTools(): boolean {
  const missing = ['curl', 'jq', 'bash'].filter((tool) => spawnSync(tool, ['--version']).error);
  if (missing.length === 0) return true;
  const message = `The GitHub Action is NOT tested: install ${missing.join(', ')}.`;
  if (process.env['CI']) throw new Error(message);
  console.warn(message);
  return false;
}

describe.skipIf(!hasTools())('the GitHub Action', () => {
  let world: TestApp;
  let api: string;
  let folder: string;

  beforeEach(async () => {
    world = await startTestApp();
    api = await world.app.listen({ port: 0, host: '127.0.0.1' });
    folder = mkdtempSync(join(tmpdir(), 'windlass-action-'));
  });

  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The release that is started is, from its first moment, one that goes well or badly. */
  function whenStarted(outcome: Outcome, ending: string, remains: string[] = []): void {
    const start = world.gateway.start;
    world.gateway.start = async (kind, request, more) => {
      const answer = await start(kind, request, more);
      const record: ReleaseRecord = recordAfter([
        ...UNTIL_MONITORING,
        { event: 'ended', outcome, ending, remains },
      ]);
      world.gateway.put({ ...record, releaseId: request.releaseId });
      return answer;
    };
  }

  /** As a runner does: inputs become variables, outputs are read from files, a step's condition decides. */
  async function run(given: Record<string, string>) {
    const inputs = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']),
    );
    Object.assign(inputs, { api, token: tokenOf('rita'), product: 'shop' }, given);
    const summary = join(folder, 'summary.md');
    writeFileSync(summary, '');
    const steps: Record<string, Record<string, string>> = {};
    const read = (expression: string): string => {
      const [scope, ...path] = expression.trim().split('.');
      return (scope === 'inputs' ? inputs[path[0]!] : steps[path[0]!]?.[path[2]!]) ?? '';
    };
    const fill = (text: string) =>
      text.replace(
        /\$\{\{(.*?)\}\}/g,
        (_, either: string) => either.split('||').map(read).find(Boolean) ?? '',
      );
    let output = '';
    let code = 0;
    for (const step of action.runs.steps) {
      if (code !== 0 || (step.if !== undefined && step.if !== `inputs.wait == '${inputs['wait']}'`)) continue;
      const file = join(folder, `output-${step.id}`);
      writeFileSync(file, '');
      const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          GITHUB_ACTION_PATH: ROOT,
          GITHUB_RUN_ID: '4711',
          GITHUB_OUTPUT: file,
          GITHUB_STEP_SUMMARY: summary,
          SECONDS_BETWEEN_LOOKS: '0.1',
          RETRIES: '0',
          ...Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, fill(value)])),
        },
      });
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += chunk));
      code = Number((await once(child, 'close'))[0]);
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
      steps[step.id] = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s) as [string, string]));
    }
    const outputs = Object.entries(action.outputs).map(([name, { value }]) => [name, fill(value)]);
    return { code, output, outputs: Object.fromEntries(outputs), summary: readFileSync(summary, 'utf8') };
  }

  it('starts a release with the bump that was chosen, follows it, and hands on version, page and outcome', async () => {
    whenStarted('released', '1.3.0 is released');
    const job = await run({ version_bump: 'minor' });
    expect(job).toMatchObject({
      code: 0,
      outputs: { version: '1.3.0', url: 'http://127.0.0.1:8080/releases/shop', outcome: 'released' },
    });
    expect(world.gateway.started).toMatchObject([{ product: 'shop', bump: 'minor', requestedBy: 'rita' }]);
    expect(job.summary).toContain(
      `[${world.gateway.started[0]?.releaseId}](http://127.0.0.1:8080/releases/shop)`,
    );
    expect(job.summary).toContain('| `1.3.0` | `released` | `1.3.0 is released` |');
    expect(job.output).not.toContain(tokenOf('rita'));
  });

  it('is run again and finds the same release, also when another one has begun since', async () => {
    whenStarted('released', '1.3.0 is released');
    await run({});
    world.gateway.put({ ...recordAfter(UNTIL_MONITORING), releaseId: 'shop-20261121-ffffff' });
    const again = await run({});
    expect([again.code, again.outputs['outcome'], world.gateway.started.length]).toEqual([0, 'released', 1]);
  });

  it('is red when the release is rolled back, and says what remains; no text becomes markup or a command', async () => {
    whenStarted('rolled_back', 'back\n::error::`x` | <b>\noutcome=released', ['tell the customers']);
    const job = await run({});
    expect(job).toMatchObject({ code: 1, outputs: { version: '1.3.0', outcome: 'rolled_back' } });
    expect(job.summary).toContain('- remains: `tell the customers`');
    expect(job.summary).toContain("`back : :error: :'x' ' <b> outcome=released`");
    expect(job.output).not.toMatch(/^::|::error/m);
  });

  it('only starts it where it shall not wait', async () => {
    const job = await run({ wait: 'false' });
    expect(job).toMatchObject({ code: 0, outputs: { version: '', outcome: 'started' } });
    expect(world.gateway.started).toHaveLength(1);
  });

  it('tells all mistakes of its inputs at once, and starts nothing', async () => {
    const job = await run({
      api: '-o/etc/x',
      token: '',
      product: '../x',
      version_bump: '$(id)',
      wait: 'yes',
    });
    expect(job.code).toBe(2);
    for (const name of ['api', 'token', 'product', 'version_bump', 'wait'])
      expect(job.output).toContain(`: ${name}: `);
    expect(world.gateway.started).toEqual([]);
  });

  it('is red with the API’s own reason when it may not start one', async () => {
    const job = await run({ token: tokenOf('vera') });
    expect(job.code).not.toBe(0);
    expect(job.output).toContain('may not start a release');
    expect(job.summary).toBe('');
  });
});
