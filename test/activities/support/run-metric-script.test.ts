import { expect, it, onTestFinished } from 'vitest';
import { sampleChecks } from '../../../src/activities/support/sample-checks.ts';
import type { EnvironmentSettings } from '../../../src/release/settings.ts';
import { readChecks } from '../../../src/release/verdict/checks/read-checks.ts';
import { openRoleRig } from '../../support/fixture/role-rig.ts';

const AT = '2026-11-26T10:00:00.000Z';
const SHAPE = { name: 'production', kind: 'production', url: '', scripts: {}, variables: {}, secrets: {} };
const measure = (value: number) => `#!/bin/sh\necho '{"value": ${value}, "requests": 1000}'\n`;

it('a metric script is that of the approved commit, whatever was merged since', async () => {
  const rig = await openRoleRig();
  onTestFinished(rig.close);
  const approved = await rig.commit('feat: begin', { 'ops/measure': measure(1) }, 'v1.0.0');
  await rig.commit('chore: play with the metric script', { 'ops/measure': measure(100) });
  const [check] = readChecks([{ name: 'errors', kind: 'ratio' }]).checks;
  if (!check) throw new Error('the check cannot be read');
  const source = { script: { run: ['ops/measure'], timeoutMs: 20_000 } };
  rig.settings.environments = [{ ...SHAPE, checks: [{ check, source }] }] as unknown as EnvironmentSettings[];
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
