import { join } from 'node:path';
import { listSecretFiles } from '../config/secrets.ts';
import { unpackCommit } from '../integrations/git/bundle.ts';
import { withCheckout } from '../integrations/git/checkout.ts';
import { fetchMirror, findCommit } from '../integrations/git/mirror/mirror.ts';
import { ScriptUnusable } from '../integrations/process/check-script.ts';
import type { ScriptResult, ScriptRun } from '../integrations/process/run-script.ts';
import { runScript, ScriptOutputInvalid } from '../integrations/process/run-script.ts';
import type { ProductSettings, ScriptSettings, SecretName } from '../release/settings.ts';
import type { StoreRef } from '../release/store-ref.ts';
import type { ActivityDeps } from './deps.ts';
import { openProductMirror, takeSecret } from './deps.ts';
import { fail } from './fail.ts';
import { keepReport } from './keep-report.ts';
import { withScratch } from './scratch.ts';

export interface ProductScriptRun {
  product: ProductSettings;
  script: ScriptSettings;
  /** What it is called for people: `build`, `staging deploy`. */
  title: string;
  commit: string;
  bundle?: StoreRef | undefined;
  artifact?: StoreRef | undefined;
  /** `WINDLASS_*` facts; those that are undefined are left out. */
  facts: Record<string, string | number | undefined>;
  variables: Record<string, string>;
  secrets: Record<string, SecretName>;
  /** Whether it is kept apart from whatever else this machine does: what only builds and tests needs nothing of it. */
  apart?: boolean;
  /** A file that it may leave in the product's folder, to be kept however it ends. */
  report?: string | undefined;
}

export interface ProductScriptOutcome {
  result: ScriptResult;
  output: Record<string, unknown>;
  log: StoreRef;
  report?: StoreRef;
  /** Folder of the checkout in which it ran; gone once `use` has returned. */
  folder: string;
  /** The checkout's root, where the product is a folder in it. */
  root: string;
}

/**
 * Runs one of the product's scripts in a checkout of the exact commit, with the artifact fetched from the store by
 * its digest. `use` may take files out of the checkout before it is removed. A script that ends badly is a
 * `ScriptFailed` failure with the tail of its log.
 */
export async function runProductScript<T>(
  deps: ActivityDeps,
  run: ProductScriptRun,
  use: (outcome: ProductScriptOutcome) => Promise<T>,
): Promise<T> {
  const mirror = await openProductMirror(deps, run.product);
  if (run.bundle) await unpackCommit(mirror, await deps.store.read(run.bundle), run.commit);
  else if ((await findCommit(mirror, run.commit)) === undefined) await fetchMirror(mirror);
  return await withScratch(deps, (scratch) =>
    withCheckout(mirror, run.commit, async (checkout, borrowed) => {
      const folder = join(checkout, run.product.path);
      const artifact = run.artifact ? join(scratch, 'artifact.tgz') : undefined;
      if (run.artifact && artifact) await deps.store.fetchTo(run.artifact, artifact);
      const facts = {
        ...run.facts,
        WINDLASS_PRODUCT: run.product.name,
        WINDLASS_COMMIT: run.commit,
        WINDLASS_ARTIFACT: artifact,
        WINDLASS_ARTIFACT_DIGEST: run.artifact?.digest,
        WINDLASS_ATTEMPT: deps.attempt(),
      };
      const logFile = join(scratch, 'log.txt');
      const secrets = Object.fromEntries(
        Object.entries(run.secrets).map(([variable, secret]) => [variable, takeSecret(deps, secret)]),
      );
      const result = await startScript(run, {
        cwd: folder,
        root: checkout,
        command: run.script.run,
        shell: run.script.shell === true,
        timeoutMs: run.script.timeoutMs,
        environment: { ...run.variables, ...definedTexts(facts) },
        secrets,
        signal: deps.signal(),
        logFile,
        temporaryRoot: scratch,
        ...(run.apart === true ? keepApart(deps, run.title, borrowed) : {}),
      });
      const log = await deps.store.putFile(logFile, 'text/plain');
      const report = run.report === undefined ? undefined : await keepReport(deps.store, folder, run.report);
      if (result.exitCode !== 0 || result.endedBy !== 'exit') throw scriptFailed(run, result, log, report);
      const kept = report === undefined ? {} : { report };
      return await use({ result, output: toRecord(result.output), log, folder, root: checkout, ...kept });
    }),
  );
}

/** Neither the store nor a key nor the work of others is seen by a script that only builds or tests. */
function keepApart(
  { installation, isolation, store }: ActivityDeps,
  title: string,
  borrowed: string[],
): Pick<ScriptRun, 'apart'> {
  if (isolation === undefined) return {};
  if ('problem' in isolation) {
    if (installation.workers.isolateScripts !== 'always') return {};
    throw fail('Mistake', {
      what: `${title} cannot be kept apart from what else runs on this machine: ${isolation.problem}`,
      changed: 'nothing: it was not started',
      next: 'install bubblewrap and allow user namespaces for this worker (windlass doctor says how), or change workers.isolate_scripts; then retry',
    });
  }
  const folders = [installation.workFolder, ...(store.folder === undefined ? [] : [store.folder])];
  const hidden = [...folders, ...listSecretFiles(installation)];
  const sight = { hidden, readable: borrowed, writable: [] };
  return { apart: { ...isolation, ...sight } };
}

async function startScript(
  run: ProductScriptRun,
  start: Parameters<typeof runScript>[0],
): Promise<ScriptResult> {
  try {
    return await runScript(start);
  } catch (error) {
    if (error instanceof ScriptUnusable) {
      throw fail('Mistake', {
        what: `${run.title}: ${error.message}`,
        changed: 'nothing: it was not started',
        next: 'mend the script or its entry in windlass.yaml; a changed script needs replan, a changed entry retry',
      });
    }
    if (error instanceof ScriptOutputInvalid) {
      throw fail('ScriptFailed', {
        what: `${run.title}: ${error.message}`,
        changed: 'it ended well, so what it does has probably been done',
        next: 'mend what it writes to WINDLASS_OUTPUT, then replan or retry',
        logTail: error.result.log.tail,
      });
    }
    throw error;
  }
}

function scriptFailed(
  run: ProductScriptRun,
  result: ScriptResult,
  log: StoreRef,
  report: StoreRef | undefined,
) {
  const how = {
    exit: `ended with ${result.exitCode}`,
    signal: `was ended by ${result.signal ?? 'a signal'}`,
    timeout: `hung and was ended after ${Math.round(run.script.timeoutMs / 1_000)} s`,
    cancellation: 'was cancelled',
  }[result.endedBy];
  return fail('ScriptFailed', {
    what: `${run.title} (${nameScript(run.script)}) ${how}`,
    changed: 'whatever the script had done until then; read its log',
    next: 'look at the log, mend the cause, then retry (replan if the fix is a new commit)',
    logTail: result.log.tail,
    log: log.digest,
    ...(report === undefined ? {} : { report }),
  });
}

/** What people know it by: its program, or the beginning of a shell's text. */
export function nameScript({ run, shell }: Pick<ScriptSettings, 'run' | 'shell'>): string {
  const [first = ''] = run[0].trim().split('\n');
  return shell === true && (first.length > 60 || first !== run[0].trim()) ? `${first.slice(0, 60)}…` : first;
}

function definedTexts(facts: Record<string, string | number | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function toRecord(output: unknown): Record<string, unknown> {
  return output !== null && typeof output === 'object' && !Array.isArray(output)
    ? (output as Record<string, unknown>)
    : {};
}
