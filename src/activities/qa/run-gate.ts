import { ApplicationFailure } from '@temporalio/common';
import type { QaActivities } from '../../contracts/activities.ts';
import { GATE_SCRIPTS } from '../../release/settings.ts';
import type { BuiltImage, GateResult } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { runProductScript } from '../run-product-script.ts';

/** Runs one gate on the built bytes. A failed one throws, unless configuration made it advisory. */
export function runGate(deps: ActivityDeps): QaActivities['runGate'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    if (input.gate === 'container' && input.image) return describeImage(input.image);
    const name = GATE_SCRIPTS[input.gate];
    const script = product.scripts[name];
    if (!script)
      return { gate: input.gate, result: 'not_configured', summary: `no ${name} script is configured` };
    try {
      return await runProductScript(
        deps,
        {
          product,
          script,
          title: name,
          commit: input.commit,
          bundle: input.bundle,
          artifact: input.artifact,
          facts: {
            WINDLASS_VERSION: input.version,
            WINDLASS_PREVIOUS_VERSION: input.previousVersion,
            WINDLASS_RELEASE_ID: input.releaseId,
            WINDLASS_EFFECT_KEY: `${input.releaseId}/gate/${input.gate}`,
            WINDLASS_LOAD_PROFILE: input.loadProfile,
          },
          variables: product.variables,
          secrets: {},
        },
        async (outcome): Promise<GateResult> => ({
          gate: input.gate,
          result: 'passed',
          summary: describe(outcome.output, outcome.result.durationMs),
          log: outcome.log,
        }),
      );
    } catch (error) {
      const advisory = input.advisory && (input.gate === 'load' || input.gate === 'profiling');
      if (!advisory || !(error instanceof ApplicationFailure) || error.type !== 'ScriptFailed') throw error;
      return { gate: input.gate, result: 'advisory_failed', summary: error.message };
    }
  };
}

/** The image was built before the gates, by the script that this gate would otherwise run: it is not built twice. */
function describeImage({ digest, repository }: BuiltImage): GateResult {
  return {
    gate: 'container',
    result: 'passed',
    summary: `built once, before the gates: ${repository}@${digest}`,
  };
}

function describe(output: Record<string, unknown>, durationMs: number): string {
  const summary = typeof output['summary'] === 'string' ? output['summary'].slice(0, 300) : 'ended well';
  return `${summary} in ${(durationMs / 1_000).toFixed(1)} s`;
}
