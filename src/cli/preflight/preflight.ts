import { WorkflowIdConflictPolicy } from '@temporalio/client';
import type { Installation } from '../../config/installation.ts';
import type { PreflightReport, PreflightResult } from '../../contracts/preflight.ts';
import { workflowQueue } from '../../contracts/task-queues.ts';
import { preflightWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import { findPollers } from '../../temporal/find-pollers.ts';
import { connectInstallation, readEndpoint } from '../../temporal/installation-client.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { readInstallation, requireProduct } from '../read-installation.ts';
import { renderReports } from './render-reports.ts';

const HELP = `Usage: windlass preflight PRODUCT [--config FILE] [--json]

Finds out whether a release of PRODUCT could end, before anybody is asked anything: every role's worker looks with its
own rights at git, registries, the host, scripts, secrets, metrics, channels, free space and clock. Nothing is changed,
and nobody is told anything. Each release does the same at its beginning.

  --config FILE        else WINDLASS_CONFIG, else the nearest windlass.yaml
  --json               the findings as JSON

Exit codes: 0 nothing stands against a release (there may be warnings), 1 something does, 2 wrong use.
`;

/** What `windlass preflight` needs beside its arguments; tests bring their own. */
export interface PreflightSetUp {
  context?: CliContext;
  /** What the installation's queues are called, where that is not the default. */
  queuePrefix?: string;
}

/** `windlass preflight`; see `--help`. */
export async function runPreflight(argv: string[], setUp: PreflightSetUp = {}): Promise<number> {
  const context = setUp.context ?? processContext();
  const read = readLine(argv, context, HELP, {
    command: 'preflight',
    operands: ['PRODUCT'],
    options: ['config'],
    switches: ['json'],
  } as const);
  if (!read) return 0;
  const [product = ''] = read.operands;
  const installation = readInstallation(read.options.config, context);
  requireProduct(installation, product);
  const reports = await ask(installation, product, workflowQueue(setUp.queuePrefix), context);
  const isReady = reports.every(({ findings }) => findings.every(({ state }) => state !== 'problem'));
  context.write(
    read.switches.json
      ? `${JSON.stringify({ product, ready: isReady, reports }, undefined, 2)}\n`
      : renderReports(product, reports),
  );
  return isReady ? 0 : 1;
}

/** The workflow asks the roles, so somebody must run workflows; without that nobody can be asked. */
async function ask(
  installation: Installation,
  product: string,
  taskQueue: string,
  { environment }: CliContext,
): Promise<PreflightReport[]> {
  const access = { installation, role: 'workflow', environment } as const;
  const code = 'worker';
  const subject = 'worker of the role workflow';
  const pollers = await findPollers({ ...(await readEndpoint(access)), taskQueue, kind: 'workflow' });
  if (pollers.length === 0) {
    const found = 'none asks for work, so the other roles could not be asked';
    const advice = 'start one: windlass worker --role workflow';
    return [{ role: 'workflow', findings: [{ code, subject, state: 'problem', found, advice }] }];
  }
  const { client, close } = await connectInstallation(access);
  try {
    const { reports } = (await client.workflow.execute(WORKFLOW_TYPES.preflight, {
      taskQueue,
      workflowId: preflightWorkflowId(product),
      // Two who ask at once get the same answer.
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowExecutionTimeout: '15 minutes',
      args: [{ product }],
    })) as PreflightResult;
    return [{ role: 'workflow', findings: [{ code, subject, state: 'ok', found: 'works' }] }, ...reports];
  } finally {
    await close();
  }
}
