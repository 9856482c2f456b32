import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { makeRun, readLedger } from '../crash-run.ts';
import { driveRelease, findHeldLeases } from '../drive-release.ts';
import { CASES } from '../effect-cases.ts';
import { findLeftovers } from '../finding/leftovers.ts';
import { note } from '../finding/tally.ts';
import { type InstallationProcesses, startInstallation } from '../process/installation-processes.ts';
import { describe, type SharedEnvironment } from './barriers.ts';

const LIMIT_MS = 600_000;
/** Every script that a release which succeeds runs. */
const SCRIPTS = ['test', 'e2e', 'container', 'backup', 'deploy', 'migrate', 'verify', 'smoke'];

/**
 * A new version of Windlass is rolled out in the middle of every script of a release: the worker is asked to stop
 * (SIGTERM), its grace is too short for the script, and another worker takes over. Nothing fails, nothing is rolled
 * back, nobody is asked, and each effect is brought about once.
 */
export async function testPlannedRestarts(shared: SharedEnvironment): Promise<void> {
  const startedAt = performance.now();
  const id = 'planned-restarts';
  const parts = ['npm', 'oci', 'github', 'notices'] as const;
  const run = await makeRun({ ...shared, id, branched: false, parts: [...parts], whole: true });
  await CASES['npm-package'].arrange?.(run);
  const config = parseDocument(await readFile(run.config, 'utf8'));
  config.setIn(['workers', 'shutdown_grace'], '200ms');
  await writeFile(run.config, config.toString());
  const ledger = join(run.folder, 'ledger');
  writeFileSync(join(ledger, 'stop-in-the-middle'), '');
  let problem: string | undefined;
  let processes: InstallationProcesses | undefined;
  const over = new AbortController();
  try {
    processes = await startInstallation({
      root: shared.root,
      folder: run.folder,
      binary: shared.binary,
      workflows: shared.workflows,
      config: run.config,
      fixture: run.fixture,
      crashAt: [],
    });
    const restarting = restartInEveryScript(processes, ledger, over.signal);
    const record = await driveRelease(processes, run.fixture, [], LIMIT_MS);
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
    if (problem === undefined) for (const script of SCRIPTS) shared.tally.barriers.add(`${id} ${script}`);
    shared.tally.leftovers.push(...(await findHeldLeases(processes, run.fixture, ['staging', 'production'])));
  } catch (error) {
    shared.tally.losses.push(id);
    problem = `${describe(error)}\n${processes?.worker().output() ?? ''}`;
  }
  over.abort();
  await processes?.stop();
  shared.tally.leftovers.push(...(await findLeftovers([run.folder])));
  await run.stop();
  note(shared.tally, 'a planned restart in the middle of every script of a release', startedAt, problem);
}

/** How the worker ended that was asked to stop in the middle of each script, by script. */
async function restartInEveryScript(
  processes: InstallationProcesses,
  ledger: string,
  over: AbortSignal,
): Promise<Map<string, string>> {
  const endings = new Map<string, string>();
  while (!over.aborted) {
    const entered = readdirSync(ledger).filter((name) => name.startsWith('in-'));
    for (const script of entered.map((name) => name.slice('in-'.length))) {
      if (existsSync(join(ledger, `go-${script}`))) continue;
      const worker = processes.worker();
      worker.kill('SIGTERM');
      endings.set(script, await worker.gone);
      writeFileSync(join(ledger, `go-${script}`), '');
    }
    await delay(50);
  }
  return endings;
}
