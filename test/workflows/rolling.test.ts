import { describe, expect, it } from 'vitest';
import type { EnvironmentScriptInput } from '../../src/contracts/activities.ts';
import { openDeploymentState } from '../../src/release/record/deployment-state.ts';
import type { DeploymentContext } from '../../src/workflows/deployment/deployment-context.ts';
import { deployImmediately } from '../../src/workflows/deployment/strategies/immediate.ts';
import { deployRolling } from '../../src/workflows/deployment/strategies/rolling.ts';

/** A context whose scripts only note that they were called; those for `bad` fail a little later than the others. */
function makeContext(instances: number, rollingBatch: number | undefined, bad?: string) {
  const calls: string[] = [];
  const ended: string[] = [];
  const runEnvironmentScript = async ({ script, instance }: EnvironmentScriptInput) => {
    const call = `${script} ${instance ?? ''}`.trim();
    calls.push(call);
    for (let turn = 0; turn < (instance ?? 0); turn += 1) await Promise.resolve();
    ended.push(call);
    if (call === bad) throw new Error(`${call} failed`);
    return { outcome: 'done', output: {}, receipts: [] };
  };
  const scripts = Object.fromEntries(['migrate', 'deploy', 'verify'].map((name) => [name, { run: ['x'] }]));
  const context = {
    input: {
      version: '1.3.0',
      round: 1,
      environment: { name: 'production', kind: 'production', instances, rollingBatch, scripts },
    },
    activities: { devops: () => ({ runEnvironmentScript }) },
    state: openDeploymentState(),
    logs: [],
    apply: () => undefined,
    tell: () => undefined,
    held: () => undefined,
    preempted: () => undefined,
  } as unknown as DeploymentContext;
  return { context, calls, ended };
}
const soak = { soak: async () => undefined };

describe('a rolling deployment', () => {
  it('verifies each batch before it touches the next; the last one may be smaller', async () => {
    const { context, calls } = makeContext(5, 2);
    await deployRolling(context, soak);
    expect(calls).toEqual([
      'migrate',
      ...['deploy 1', 'deploy 2', 'verify 1', 'verify 2'],
      ...['deploy 3', 'deploy 4', 'verify 3', 'verify 4'],
      ...['deploy 5', 'verify 5'],
    ]);
  });

  it('goes instance by instance where nothing is said', async () => {
    const { context, calls } = makeContext(2, undefined);
    await deployRolling(context, soak);
    expect(calls).toEqual(['migrate', 'deploy 1', 'verify 1', 'deploy 2', 'verify 2']);
  });

  it('stops at the first bad batch, once nothing of it runs any more', async () => {
    const { context, calls, ended } = makeContext(6, 3, 'verify 1');
    await expect(deployRolling(context, soak)).rejects.toThrow('verify 1 failed');
    expect(calls).not.toContain('deploy 4');
    expect(ended).toEqual(calls);
  });
});

it('an immediate deployment waits for all instances before a failure is told', async () => {
  const { context, ended } = makeContext(3, 1, 'deploy 1');
  await expect(deployImmediately(context, soak)).rejects.toThrow('deploy 1 failed');
  expect(ended).toEqual(['migrate', 'deploy 1', 'deploy 2', 'deploy 3']);
});
