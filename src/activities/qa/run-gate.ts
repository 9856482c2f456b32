import { ApplicationFailure } from '@temporalio/common';
import type { QaActivities } from '../../contracts/activities.ts';
import { describeGate, isGate } from '../../release/policy/gates.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { BuiltImage, GateResult } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { fail } from '../fail.ts';
import { runProductScript } from '../run-product-script.ts';

/**
 * Runs one gate on the built bytes. A failed one throws, unless both the release's frozen configuration and this
 * worker's own say that it is advisory.
 */
export function runGate(deps: ActivityDeps): QaActivities['runGate'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    if (!isGate(input.gate, product.gates)) throw unknownGate(input.gate, product.name);
    const gate = describeGate(product, input.gate);
    const about = { gate: gate.name, title: gate.title };
    if (gate.showsImage && input.image) return { ...about, ...describeImage(input.image) };
    const { script, scriptName } = gate;
    if (!script) {
      return { ...about, result: 'not_configured', summary: `no ${scriptName} script is configured` };
    }
    try {
      return await runProductScript(
        deps,
        {
          product,
          script,
          title: scriptName,
          commit: input.commit,
          bundle: input.bundle,
          artifact: input.artifact,
          facts: {
            WINDLASS_VERSION: input.version,
            WINDLASS_PREVIOUS_VERSION: input.previousVersion,
            WINDLASS_RELEASE_ID: input.releaseId,
            WINDLASS_EFFECT_KEY: `${input.releaseId}/gate/${gate.name}`,
            WINDLASS_GATE: gate.name,
            WINDLASS_LOAD_PROFILE: input.loadProfile,
          },
          variables: product.variables,
          secrets: {},
          apart: true,
          report: gate.report,
        },
        async (outcome): Promise<GateResult> => ({
          ...about,
          result: 'passed',
          summary: describe(outcome.output, outcome.result.durationMs),
          log: outcome.log,
          ...(outcome.report === undefined ? {} : { report: outcome.report }),
        }),
      );
    } catch (error) {
      const advisory = input.advisory && gate.advisory;
      if (!advisory || !(error instanceof ApplicationFailure) || error.type !== 'ScriptFailed') throw error;
      const [detail] = (error.details ?? []) as { report?: StoreRef }[];
      const report = detail?.report === undefined ? {} : { report: detail.report };
      return { ...about, result: 'advisory_failed', summary: error.message, ...report };
    }
  };
}

function unknownGate(name: string, product: string): ApplicationFailure {
  return fail('Mistake', {
    what: `there is no gate ${name} in this worker's configuration of ${product}`,
    changed: 'nothing: no script was started',
    next: `put gates.${name} back into windlass.yaml and retry, or replan to go by the new configuration`,
  });
}

/** The image was built before the gates, by the script that this gate would otherwise run: it is not built twice. */
function describeImage({ digest, repository }: BuiltImage): Pick<GateResult, 'result' | 'summary'> {
  return { result: 'passed', summary: `built once, before the gates: ${repository}@${digest}` };
}

function describe(output: Record<string, unknown>, durationMs: number): string {
  const summary = typeof output['summary'] === 'string' ? output['summary'].slice(0, 300) : 'ended well';
  return `${summary} in ${(durationMs / 1_000).toFixed(1)} s`;
}
