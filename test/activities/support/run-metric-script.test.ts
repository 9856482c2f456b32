import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sampleChecks } from '../../../src/activities/support/sample-checks.ts';
import type { EnvironmentSettings } from '../../../src/release/settings.ts';
import { readChecks } from '../../../src/release/verdict/checks/read-checks.ts';
import { openRoleRig } from '../../support/fixture/role-rig.ts';
import { waitFor } from '../../support/wait-for.ts';

const AT = '2026-11-26T10:00:00.000Z';
const SHAPE = { name: 'production', kind: 'production', url: '', scripts: {}, variables: {}, secrets: {} };
const measure = (value: number) => `#!/bin/sh\necho '{"value": ${value}, "requests": 1000}'\n`;

const checksOf = (run: string): EnvironmentSettings[] => {
  const [check] = readChecks([{ name: 'errors', kind: 'ratio' }]).checks;
  if (!check) throw new Error('the check cannot be read');
  const source = { script: { run: [run], timeoutMs: 20_000 } };
  return [{ ...SHAPE, checks: [{ check, source }] }] as unknown as EnvironmentSettings[];
};

it('a look that is called off leaves neither its script behind nor a file that this one still writes', async () => {
  const rig = await openRoleRig();
  onTestFinished(rig.close);
  const mark = join(await mkdtemp(join(tmpdir(), 'windlass-metric-')), 'began');
  onTestFinished(() => rm(dirname(mark), { recursive: true }));
  const slow = `#!/bin/sh\ntrap 'sleep 0.3; exit 1' TERM\necho $$ > ${mark}\nwhile :; do sleep 0.05; done\n`;
  const commit = await rig.commit('feat: begin', { 'ops/measure': slow }, 'v1.0.0');
  rig.settings.environments = checksOf('ops/measure');
  const calledOff = new AbortController();
  const deps = { ...rig.deps('support'), signal: () => calledOff.signal };
  const about = { product: 'lib', releaseId: rig.request.releaseId, environment: 'production', commit };
  const looking = sampleChecks(deps)({ ...about, since: AT, deployedAt: AT });
  const pid = await waitFor(
    'the script',
    async () => Number(await readFile(mark, 'utf8').catch(() => '')) || undefined,
  );
  calledOff.abort();
  const { samples } = await looking;
  expect(samples.map(({ missing }) => missing)).toEqual(['the look was called off']);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('a metric script is that of the approved commit, whatever was merged since', async () => {
  const rig = await openRoleRig();
  onTestFinished(rig.close);
  const approved = await rig.commit('feat: begin', { 'ops/measure': measure(1) }, 'v1.0.0');
  await rig.commit('chore: play with the metric script', { 'ops/measure': measure(100) });
  rig.settings.environments = checksOf('ops/measure');
  const look = async (more: { commit?: string } = {}) => {
    const about = { product: 'lib', releaseId: rig.request.releaseId, environment: 'production' };
    const times = { since: AT, deployedAt: AT };
    const { samples } = await sampleChecks(rig.deps('support'))({ ...about, ...times, ...more });
    return samples.map(({ value, missing }) => missing ?? value);
  };
  expect(await look({ commit: approved })).toEqual([1]);
  // A watch that was started alone goes by what runs there.
  expect(await look()).toEqual([100]);
  const shared = { product: 'lib', environment: 'production', at: AT, generation: 1, version: '1.0.0' };
  await rig.release.noteHistory({
    entry: { ...shared, releaseId: rig.request.releaseId, event: 'went_live', commit: approved },
  });
  expect(await look()).toEqual([1]);
});
