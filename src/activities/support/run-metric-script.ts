import { fetchMirror, resolveCommit } from '../../integrations/git/mirror.ts';
import type { ActivityDeps } from '../deps.ts';
import { openProductMirror } from '../deps.ts';
import { runProductScript } from '../run-product-script.ts';
import { type Look, secondsOfLook } from './look.ts';

/**
 * Runs a metric script of the product's main branch. `{"value": 1.5, "requests": 600}` is what it writes to
 * WINDLASS_OUTPUT, or prints as its last line. Total: a script that fails has no value, and says why.
 */
export async function runMetricScript(
  deps: ActivityDeps,
  look: Look,
  script: { run: [string, ...string[]]; timeoutMs: number },
  slot: string | undefined,
): Promise<{ value: number | null; requests?: number; missing?: string }> {
  const { product, environment, input } = look;
  try {
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const commit = await resolveCommit(mirror, product.release.releaseBranch);
    return await runProductScript(
      deps,
      {
        product,
        script,
        title: 'metric',
        commit,
        facts: {
          WINDLASS_RELEASE_ID: input.releaseId,
          WINDLASS_ENVIRONMENT: environment.name,
          WINDLASS_ENVIRONMENT_URL: environment.url,
          WINDLASS_SLOT: slot,
          WINDLASS_WINDOW_SECONDS: secondsOfLook(look),
        },
        variables: { ...product.variables, ...environment.variables },
        secrets: environment.secrets,
      },
      async ({ output, result }) => {
        const { value, requests } = Object.keys(output).length > 0 ? output : readLastLine(result.log.tail);
        const found = typeof value === 'number' && Number.isFinite(value);
        return {
          ...(found ? { value } : { value: null, missing: `${script.run[0]} gave no value` }),
          ...(typeof requests === 'number' && Number.isFinite(requests) ? { requests } : {}),
        };
      },
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { value: null, missing: `${script.run[0]}: ${why}`.slice(0, 300) };
  }
}

function readLastLine(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
