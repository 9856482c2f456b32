import type { CheckGatesInput, ReleaseResult } from '../../contracts/workflows.ts';
import { endRelease } from '../release/end-release.ts';
import { buildOnce, commitRelease } from '../release/phases/build.ts';
import { runAutomaticGates } from '../release/phases/gates.ts';
import { planRelease } from '../release/phases/plan.ts';
import { checkReadiness } from '../release/phases/readiness.ts';
import { runOperation } from './run-operation.ts';

/** Runs the gates of what the next release would be, on bytes built for it. Nothing is pushed or published. */
export async function checkGates(input: CheckGatesInput): Promise<ReleaseResult> {
  return await runOperation('gates', input.request, async (run, settings) => {
    const ready = await checkReadiness(run, input.request, settings, { wholeWay: false });
    if ('nothing' in ready) {
      await endRelease(run, 'nothing_to_release', ready.nothing);
      return;
    }
    const plan = await planRelease(run, ready);
    const policy = { ...plan.policy, ...(input.profile === undefined ? {} : { loadProfile: input.profile }) };
    const built = await buildOnce(run, await commitRelease(run, { ...plan, policy }));
    const gates = await runAutomaticGates(run, built);
    const said = gates.map((gate) => `${gate.gate} ${gate.result.replaceAll('_', ' ')}`).join(', ');
    await endRelease(run, 'completed', `gates of ${plan.version}: ${said}`);
  });
}
