import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { describe, type Stage } from './barriers.ts';
import { type Cast, startCast } from './cast.ts';
import { makeRun, readLedger } from './crash-run.ts';
import { driveRelease, findHeldLeases } from './drive-release.ts';
import { CASES } from './effect-cases.ts';
import { findLeftovers } from './leftovers.ts';
import { note } from './tally.ts';

const LIMIT_MS = 600_000;
/** Every script that a release which succeeds runs. */
const SCRIPTS = ['test', 'e2e', 'container', 'backup', 'deploy', 'migrate', 'verify', 'smoke'];

/**
 * A new version of Windlass is rolled out in the middle of every script of a release: the worker is asked to stop
 * (SIGTERM), its grace is too short for the script, and another worker takes over. Nothing fails, nothing is rolled
 * back, nobody is asked, and each effect is brought about once.
 */
export async function testPlannedRestarts(stage: Stage): Promise<void> {
  const startedAt = performance.now();
  const id = 'planned-restarts';
  const parts = ['npm', 'oci', 'github', 'notices'] as const;
  const run = await makeRun({ ...stage, id, branched: false, parts: [...parts], whole: true });
  await CASES['npm-package'].arrange?.(run);
  const config = parseDocument(await readFile(run.config, 'utf8'));
  config.setIn(['workers', 'shutdown_grace'], '200ms');
  await writeFile(run.config, config.toString());
  const ledger = join(run.folder, 'ledger');
  writeFileSync(join(ledger, 'stop-in-the-middle'), '');
  let problem: string | undefined;
  let cast: Cast | undefined;
  const over = new AbortController();
  try {
    cast = await startCast({
      root: stage.root,
      folder: run.folder,
      binary: stage.binary,
      workflows: stage.workflows,
      config: run.config,
      fixture: run.fixture,
      crashAt: [],
    });
    const restarting = restartInEveryScript(cast, ledger, over.signal);
    const record = await driveRelease(cast, run.fixture, [], LIMIT_MS);
    over.abort();
    const endings = await restarting;
    const failed = record.steps.filter(({ status }) => status === 'failed').map((step) => step.id);
    const effects = readLedger(run);
    const missed = SCRIPTS.filter((script) => !endings.has(script));
    const badly = [...endings].filter(([, how]) => how !== '0').map(([script, how]) => `${script}: ${how}`);
    if (record.outcome !== 'released') problem = `it ended as ${record.outcome}: ${record.ending}`;
    else if (failed.length > 0) problem = `steps failed: ${failed.join(', ')}`;
    else if (missed.length > 0) problem = `never met in their middle: ${missed.join(', ')}`;
    else if (badly.length > 0) problem = `workers did not end in order: ${badly.join(', ')}`;
    else if (new Set(effects).size !== effects.length) problem = `done twice: ${effects.join('; ')}`;
    if (problem === undefined) for (const script of SCRIPTS) stage.tally.barriers.add(`${id} ${script}`);
    stage.tally.leftovers.push(...(await findHeldLeases(run.fixture, ['staging', 'production'])));
  } catch (error) {
    stage.tally.losses.push(id);
    problem = `${describe(error)}\n${cast?.worker().output() ?? ''}`;
  }
  over.abort();
  await cast?.stop();
  stage.tally.leftovers.push(...(await findLeftovers([run.folder])));
  await run.stop();
  note(stage.tally, 'a planned restart in the middle of every script of a release', startedAt, problem);
}

/** How the worker ended that was asked to stop in the middle of each script, by script. */
async function restartInEveryScript(
  cast: Cast,
  ledger: string,
  over: AbortSignal,
): Promise<Map<string, string>> {
  const endings = new Map<string, string>();
  while (!over.aborted) {
    const entered = readdirSync(ledger).filter((name) => name.startsWith('in-'));
    for (const script of entered.map((name) => name.slice('in-'.length))) {
      if (existsSync(join(ledger, `go-${script}`))) continue;
      const worker = cast.worker();
      worker.kill('SIGTERM');
      endings.set(script, await worker.gone);
      writeFileSync(join(ledger, `go-${script}`), '');
    }
    await delay(50);
  }
  return endings;
}
