import type { SupportActivities } from '../../contracts/activities.ts';
import { fetchMirror, resolveCommit } from '../../integrations/git/mirror/mirror.ts';
import { type Figures, type MetricScript, secondsOfLook } from '../../providers/metrics/metric-source.ts';
import { findMade } from '../../release/record/environment-history.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { ActivityDeps } from '../deps.ts';
import { openProductMirror } from '../deps.ts';
import { openPast } from '../release/environment-history.ts';
import { nameScript, runProductScript } from '../run-product-script.ts';

/** Who looks, at what, and when. */
export interface LookedAt {
  product: ProductSettings;
  environment: EnvironmentSettings;
  input: Parameters<SupportActivities['sampleChecks']>[0];
  now: Date;
}

/**
 * Runs a metric script of the commit that was approved, with the version that is judged. `{"value": 1.5, "requests": 600}` is what it writes to
 * WINDLASS_OUTPUT, or prints as its last line. Total: a script that fails has no value, and says why.
 */
export async function runMetricScript(
  deps: ActivityDeps,
  { product, environment, input, now }: LookedAt,
  script: MetricScript,
  slot: string | undefined,
): Promise<Figures> {
  try {
    const { commit, bundle } = await findScripts(deps, product, environment, input);
    return await runProductScript(
      deps,
      {
        product,
        script,
        title: 'metric',
        commit,
        bundle,
        facts: {
          WINDLASS_RELEASE_ID: input.releaseId,
          WINDLASS_ENVIRONMENT: environment.name,
          WINDLASS_ENVIRONMENT_URL: environment.url,
          WINDLASS_SLOT: slot,
          WINDLASS_WINDOW_SECONDS: secondsOfLook({ since: input.since, now }),
        },
        variables: { ...product.variables, ...environment.variables },
        secrets: environment.secrets,
      },
      async ({ output, result }) => {
        const { value, requests } = Object.keys(output).length > 0 ? output : readLastLine(result.log.tail);
        const found = typeof value === 'number' && Number.isFinite(value);
        return {
          ...(found ? { value } : { value: null, missing: `${nameScript(script)} gave no value` }),
          ...(typeof requests === 'number' && Number.isFinite(requests) ? { requests } : {}),
        };
      },
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { value: null, missing: `${nameScript(script)}: ${why}`.slice(0, 300) };
  }
}

/** The commit whose scripts count: the approved one, else that of what runs there, else what the team merged last. */
async function findScripts(
  deps: ActivityDeps,
  product: ProductSettings,
  environment: EnvironmentSettings,
  { commit, bundle }: LookedAt['input'],
): Promise<{ commit: string; bundle: StoreRef | undefined }> {
  if (commit !== undefined) return { commit, bundle };
  const history = await openPast(deps, product).of(environment.name);
  const running = history.at(-1)?.version;
  const made = running === undefined ? undefined : findMade(history, running);
  if (made?.commit !== undefined) return { commit: made.commit, bundle: made.bundle };
  const mirror = await openProductMirror(deps, product);
  await fetchMirror(mirror);
  return { commit: await resolveCommit(mirror, product.release.releaseBranch), bundle: undefined };
}

function readLastLine(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
