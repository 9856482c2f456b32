import type { Installation } from '../../config/installation.ts';
import { WORKER_PARTS, type WorkerRole } from '../../contracts/task-queues.ts';
import { explainMissing } from '../../integrations/ledger/ledger-keys.ts';
import { connectInstallation, connectInstallationWorker } from '../../temporal/installation-client.ts';
import { readSealingKeys } from '../../temporal/sealing/sealing-keys.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import type { WorkerPart } from '../../workers/start-workers.ts';
import { CliProblem, misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { unknownName } from '../line/unknown-name.ts';
import { readInstallation, tellStopped } from '../read-installation.ts';
import { followEdits } from './follow-edits.ts';
import { holdUntilStopped } from './hold-until-stopped.ts';
import { installRuntime, runWorkers } from './run-workers.ts';

const HELP = `Usage: windlass worker --role ROLE[,ROLE…] [--config FILE]

Runs workers until it is told to end. A role gets only the secrets that the configuration lets it read. An edit of the
configuration is taken up within seconds; a product with a mistake in it is stopped, and no other.

  --role ROLE          workflow   decisions only, holds no credentials
                       release    git, GitHub, registries, state files
                       devops     build, backup, deploy, migrate, traffic, rollback
                       qa         tests, load, profiling, smoke of staging
                       writer     changelog, version files, notes
                       support    metrics, incidents, notifications
                       all        every one of them in this process
  --config FILE        else WINDLASS_CONFIG, else the nearest windlass.yaml

Exit codes: 0 ended when asked to, 1 failed, 2 wrong use.
`;

/** Past the grace of what runs: its scripts' process groups are ended, politely first, and every try is handed back. */
const HAND_BACK_MS = 20_000;

/** `windlass worker`: comes back only when it could not start. */
export async function runWorker(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, { command: 'worker', options: ['role', 'config'] });
  if (!read) return 0;
  const parts = readParts(read.options.role);
  const installation = readInstallation(read.options.config, context);
  tellStopped(installation, context.writeError);
  checkLedgerKeys(installation, parts, context);
  const stopFollowing = followEdits(installation, context, { name: 'windlass worker' });
  installRuntime(context.writeError);
  const [first] = parts;
  const access = { installation, role: first ?? 'workflow', environment: context.environment };
  const { client, connection, close } = await connectInstallation(access);
  const { namespace } = installation.temporal;
  // Workflows set search attributes: a server that does not know them would wedge every one of them.
  if (parts.includes('workflow')) await ensureSearchAttributes({ connection, namespace });
  const native = await connectInstallationWorker(access);
  const { shutdownGraceMs } = installation.workers;
  const sealing = readSealingKeys(installation, access.role, context.environment);
  const setUp = { connection: native, client, installation, namespace, shutdownGraceMs, sealing };
  const workers = await runWorkers(parts, setUp);
  context.write(`worker: ${parts.join(', ')} at ${installation.temporal.address}, namespace ${namespace}\n`);
  return await holdUntilStopped({
    command: 'worker',
    failed: workers.failed,
    writeError: context.writeError,
    graceMs: shutdownGraceMs + HAND_BACK_MS,
    async stop() {
      await stopFollowing();
      await workers.stop();
      await native.close();
      await close();
    },
  });
}

/**
 * Told before anything is started. Where no role has a key, nothing is kept and that is said; where only one of these
 * roles has none, it could do nothing that the others would believe.
 */
function checkLedgerKeys(
  installation: Installation,
  parts: readonly WorkerPart[],
  context: CliContext,
): void {
  const { keep, keys } = installation.ledger;
  const missing = parts.find(
    (part): part is WorkerRole =>
      part !== 'workflow' && !keys.some(({ role, privateKey }) => role === part && privateKey !== undefined),
  );
  if (!keep || missing === undefined) return;
  const what = explainMissing(installation.file, missing);
  if (keys.length > 0) throw new CliProblem(what);
  context.writeError(`worker: no ledger is kept, so policy rests on the configuration alone. ${what}\n`);
}

function readParts(written: string | undefined): WorkerPart[] {
  const known = [...WORKER_PARTS, 'all'];
  if (written === undefined) throw misuse(`worker: --role is missing: ${known.join(', ')}.`);
  const asked = written.split(',').map((part) => part.trim());
  for (const part of asked) {
    if (known.includes(part)) continue;
    throw misuse(`worker: ${unknownName('role', part, known)}`);
  }
  return WORKER_PARTS.filter((part) => asked.includes(part) || asked.includes('all'));
}
