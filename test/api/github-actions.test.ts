import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openGate } from '../../src/release/record/record.ts';
import { personWith } from '../support/fixture/demo.ts';
import { waitFor } from '../support/server/temporal-server.ts';
import { type RealApi, startRealApi } from './support/real-api.ts';

interface Workflow {
  on: { workflow_dispatch: { inputs: { version_bump: { type: string; options: string[] } } } };
  permissions: object;
  jobs: {
    release: { env: Record<string, string | number>; steps: { name: string; shell: string; run: string }[] };
  };
}

const FILE = fileURLToPath(new URL('../../examples/github-actions/release.yml', import.meta.url));
const workflow = parse(readFileSync(FILE, 'utf8')) as Workflow;

/** The runner's image has both; where one is missing, this says so. */
function hasTools(): boolean {
  const missing = ['curl', 'jq', 'bash'].filter((tool) => spawnSync(tool, ['--version']).error);
  if (missing.length === 0) return true;
  const message = `The GitHub Actions workflow is NOT tested: install ${missing.join(', ')}.`;
  if (process.env['CI']) throw new Error(message);
  console.warn(message);
  return false;
}

/** The file that users copy: its scripts in a shell as a runner has it, against a real API. */
describe.skipIf(!hasTools())('the GitHub Actions workflow', () => {
  let real: RealApi;

  beforeAll(async () => {
    real = await startRealApi();
  });

  afterAll(async () => {
    await real?.stop();
  });

  /** Runs every step as the runner does: bash with -e and pipefail, variables handed on by files. */
  async function runJob(bump: string, runId: number) {
    const folder = mkdtempSync(join(real.world.root, 'runner-'));
    const files = { GITHUB_ENV: join(folder, 'env'), GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    for (const file of Object.values(files)) writeFileSync(file, '');
    const known: Record<string, string> = {
      'vars.WINDLASS_API': real.api.url,
      'secrets.WINDLASS_TOKEN': personWith(real.world.fixture, 'release_manager').token,
      'inputs.version_bump': bump,
      'github.run_id': String(runId),
    };
    const fill = (text: string) =>
      text.replace(/\$\{\{\s*([\w.]+)\s*\}\}/g, (_, name: string) => {
        const value = known[name];
        if (value === undefined) throw new Error(`the test does not know ${name}`);
        return value;
      });
    const { env, steps } = workflow.jobs.release;
    const job = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(String(value))]));
    let output = '';
    for (const step of steps) {
      // An expression in a script would be pasted into the shell's own text.
      expect(step.run).not.toContain('${{');
      expect(step.shell).toBe('bash');
      const handedOn = readFileSync(files.GITHUB_ENV, 'utf8').split('\n').filter(Boolean);
      const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          ...files,
          ...job,
          PRODUCT: real.world.product,
          SECONDS_BETWEEN_LOOKS: '0.2',
          ...Object.fromEntries(handedOn.map((line) => line.split('=') as [string, string])),
        },
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
        });
      }
      const [code] = await once(child, 'close');
      if (code !== 0) return { code: Number(code), output, summary: '' };
    }
    return { code: 0, output, summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8') };
  }

  /** @throws with the job's output when it ends before. */
  async function reviewOpens(bump: string, running: Promise<object>): Promise<void> {
    let over: object | undefined;
    void running.then((job) => {
      over = job;
    });
    await waitFor(
      'the review',
      async () => {
        if (over) throw new Error(JSON.stringify(over));
        const record = await real.world.record().catch(() => undefined);
        return record?.request.bump === bump && openGate(record, 'changelog_review') !== undefined;
      },
      120_000,
    );
  }

  it('starts a release with the bump that was chosen, and is green when it is released', async () => {
    const { inputs } = workflow.on.workflow_dispatch;
    expect(inputs.version_bump).toMatchObject({
      type: 'choice',
      options: ['auto', 'patch', 'minor', 'major'],
    });
    expect(workflow.permissions).toEqual({});
    const running = runJob('minor', 4711);
    await reviewOpens('minor', running);
    const record = await real.world.approveEverything();
    const job = await running;
    expect(job).toMatchObject({ code: 0 });
    expect(record.request).toMatchObject({ bump: 'minor', requestedBy: 'cleo', via: 'api' });
    expect(job.summary).toContain(record.releaseId);
    expect(job.summary).toContain('released: ');
    expect(job.output).not.toContain(personWith(real.world.fixture, 'release_manager').token);

    // "Re-run failed jobs" is the same run: it looks at the same release and starts no other.
    const again = await runJob('minor', 4711);
    expect([again.code, again.summary.includes(record.releaseId)]).toEqual([0, true]);
    expect((await real.world.record()).releaseId).toBe(record.releaseId);
  });

  it('is red, and says what remains, when the release is aborted', async () => {
    const running = runJob('patch', 4712);
    await reviewOpens('patch', running);
    await real.ask('operator', 'POST', real.path('/abort'), { comment: 'not today' });
    const job = await running;
    expect(job.code).toBe(1);
    expect(job.output).toContain('aborted: aborted by cleo: not today');
  });

  it('is red at once, with the reason, when it may not start one', async () => {
    const { token } = real.hire({ name: 'vic', roles: ['viewer'] });
    const cleo = personWith(real.world.fixture, 'release_manager');
    const before = cleo.token;
    cleo.token = token;
    const job = await runJob('auto', 4713);
    cleo.token = before;
    expect(job.code).not.toBe(0);
    expect(job.output).toContain('may not start a release');
  });
});
