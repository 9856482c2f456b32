import type { EnvironmentScriptInput, ScriptOutcome } from '../contracts/activities.ts';
import type { ReceiptOutcome } from '../release/names.ts';
import type { EnvironmentSettings, ProductSettings } from '../release/settings.ts';
import type { ActivityDeps } from './deps.ts';
import { findEnvironment, findProduct } from './deps.ts';
import { effectOfScript } from './effects.ts';
import { fail } from './fail.ts';
import { refuseLateWrite } from './perform-effect.ts';
import { runProductScript } from './run-product-script.ts';

/**
 * Runs one of an environment's scripts, exactly once as far as that can be known: the environment's `status` script
 * is asked first whether this effect key is done. Without one, a try that may have been interrupted half-way is not
 * repeated by itself; a person looks first.
 */
export function runEnvironmentScript(
  deps: ActivityDeps,
): (input: EnvironmentScriptInput) => Promise<ScriptOutcome> {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const environment = findEnvironment(product, input.environment);
    const script = environment.scripts[input.script];
    if (!script) return { outcome: 'not_configured', output: {}, receipts: [] };
    const key = `${input.releaseId}/${input.script}/${input.target}`;
    const effect = effectOfScript(input.script);
    if (effect === undefined) return await run(deps, product, environment, input, key);

    const before = await askWhetherDone(deps, product, environment, input, key);
    if (before.known && before.output) return outcomeOf(input, key, 'done_before', before.output);
    if (!before.known && deps.attempt() > 1) {
      throw fail('UnknownOutcome', {
        what: `${input.script} in ${environment.name} was interrupted, and there is no status script to ask whether it happened`,
        changed: 'unknown',
        next: `look at ${environment.name} yourself, then retry to run ${input.script} again, or abort`,
      });
    }
    await deps.barrier(effect, 'before');
    refuseLateWrite(deps, `${input.script} in ${environment.name}`);
    const done = await run(deps, product, environment, input, key);
    await deps.barrier(effect, 'after');
    const outcome = outcomeOf(input, key, 'done', done.output, done.log);
    await deps.barrier(effect, 'reported');
    return outcome;
  };
}

/** The smoke script and no other, whatever is asked: its roles have no credentials to change an environment. */
export function smokeEnvironment(
  deps: ActivityDeps,
): (input: EnvironmentScriptInput) => Promise<ScriptOutcome> {
  const runScript = runEnvironmentScript(deps);
  return async (input) => await runScript({ ...input, script: 'smoke' });
}

async function run(
  deps: ActivityDeps,
  product: ProductSettings,
  environment: EnvironmentSettings,
  input: EnvironmentScriptInput,
  key: string,
): Promise<ScriptOutcome> {
  const script = environment.scripts[input.script];
  if (!script) return { outcome: 'not_configured', output: {}, receipts: [] };
  return await runProductScript(
    deps,
    {
      product,
      script,
      title: `${environment.name} ${input.script}`,
      commit: input.commit,
      bundle: input.bundle,
      artifact: input.artifact,
      facts: {
        WINDLASS_VERSION: input.version,
        WINDLASS_PREVIOUS_VERSION: input.previousVersion,
        WINDLASS_RELEASE_ID: input.releaseId,
        WINDLASS_EFFECT_KEY: key,
        WINDLASS_ENVIRONMENT: environment.name,
        WINDLASS_ENVIRONMENT_URL: environment.url,
        WINDLASS_TARGET_URL: input.targetUrl ?? environment.url,
        WINDLASS_STRATEGY: input.strategy,
        WINDLASS_SLOT: input.slot,
        WINDLASS_INSTANCE: input.instance,
        WINDLASS_TRAFFIC_PERCENT: input.percent,
        WINDLASS_GENERATION: input.generation,
        WINDLASS_BACKUP: input.backup,
        WINDLASS_IMAGE: input.image,
      },
      variables: { ...product.variables, ...environment.variables },
      secrets: environment.secrets,
    },
    async (outcome): Promise<ScriptOutcome> => ({
      outcome: 'done',
      output: outcome.output,
      log: outcome.log,
      receipts: [],
    }),
  );
}

/** What the `status` script says of the effect key. `known: false` without such a script. */
async function askWhetherDone(
  deps: ActivityDeps,
  product: ProductSettings,
  environment: EnvironmentSettings,
  input: EnvironmentScriptInput,
  key: string,
): Promise<{ known: boolean; output?: Record<string, unknown> }> {
  if (!environment.scripts.status) return { known: false };
  const status = await run(deps, product, environment, { ...input, script: 'status' }, key);
  const effects = status.output['effects'];
  if (effects === null || typeof effects !== 'object') return { known: false };
  const effect = (effects as Record<string, unknown>)[key] as
    | { done?: unknown; output?: unknown }
    | undefined;
  if (effect?.done !== true) return { known: true };
  const output = effect.output;
  return {
    known: true,
    output: output !== null && typeof output === 'object' ? (output as Record<string, unknown>) : {},
  };
}

function outcomeOf(
  input: EnvironmentScriptInput,
  key: string,
  outcome: ReceiptOutcome,
  output: Record<string, unknown>,
  log?: ScriptOutcome['log'],
): ScriptOutcome {
  const proof = `${input.script} of ${input.version}, generation ${input.generation}`;
  return {
    outcome,
    output,
    ...(log === undefined ? {} : { log }),
    receipts: [{ key, outcome, target: `${input.script} in ${input.environment}`, proof }],
  };
}
