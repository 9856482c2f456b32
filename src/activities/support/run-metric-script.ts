import { fetchMirror, resolveCommit } from '../../integrations/git/mirror.ts';
import type { EnvironmentSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { runProductScript } from '../run-product-script.ts';

/**
 * Runs a metric script of the product's main branch. `{"value": 1.5, "requests": 600}` is what it writes to
 * WINDLASS_OUTPUT, or prints as its last line. Total: a script that fails has no value.
 */
export async function runMetricScript(
  deps: ActivityDeps,
  environment: EnvironmentSettings,
  script: { run: [string, ...string[]]; timeoutMs: number },
  about: { product: string; releaseId: string; slot: string | undefined },
): Promise<{ value: number | null; requests?: number }> {
  try {
    const product = findProduct(deps, about.product);
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
          WINDLASS_RELEASE_ID: about.releaseId,
          WINDLASS_ENVIRONMENT: environment.name,
          WINDLASS_ENVIRONMENT_URL: environment.url,
          WINDLASS_SLOT: about.slot,
        },
        variables: { ...product.variables, ...environment.variables },
        secrets: environment.secrets,
      },
      async ({ output, result }) => {
        const { value, requests } = Object.keys(output).length > 0 ? output : readLastLine(result.log.tail);
        return {
          value: typeof value === 'number' && Number.isFinite(value) ? value : null,
          ...(typeof requests === 'number' && Number.isFinite(requests) ? { requests } : {}),
        };
      },
    );
  } catch {
    return { value: null };
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
