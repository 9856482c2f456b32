import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import type { Command, CommandName } from '../../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import { workflowQueue } from '../../../src/contracts/task-queues.ts';
import { releaseWorkflowId, WORKFLOW_TYPES } from '../../../src/contracts/workflow-ids.ts';
import { signCommand } from '../../../src/integrations/signing/signing.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import { describeTimeline } from '../../../src/release/record/timeline/describe-event.ts';
import type { ReleaseRequest } from '../../../src/release/values.ts';
import { personWith } from '../../support/fixture/demo.ts';
import { readInstallation } from '../../support/fixture/release-world.ts';
import { noteStart } from '../../support/note-start.ts';
import { makeRun } from '../crash-run.ts';
import { CASES } from '../effect-cases.ts';
import { findLeftovers } from '../finding/leftovers.ts';
import { note } from '../finding/tally.ts';
import { startWorkerProcess } from '../process/killable-process.ts';
import { waitUntil } from '../process/wait.ts';
import { describe, type SharedEnvironment } from './barriers.ts';

/**
 * A release that gets its signals at the worst of times: `hold` before any worker has seen the workflow, one and the
 * same approval a hundred times, and one and the same `resume` a hundred times.
 */
export async function testSignals(shared: SharedEnvironment): Promise<void> {
  const startedAt = performance.now();
  const id = 'signals';
  const parts = ['npm', 'oci', 'github', 'notices'] as const;
  const run = await makeRun({ ...shared, id, branched: false, parts: [...parts], whole: true });
  await CASES['npm-package'].arrange?.(run);
  const releaseId = `crash-20261121-${randomUUID().slice(0, 6)}`;
  const people = run.fixture;
  let problem: string | undefined;
  const request: ReleaseRequest = {
    releaseId,
    product: 'crash',
    bump: 'auto',
    requestedBy: personWith(people, 'release_manager').name,
    requestedAt: new Date().toISOString(),
    via: 'api',
  };
  await noteStart(readInstallation(run.config), people, 'release', request);
  const handle = await shared.client.workflow.start(WORKFLOW_TYPES.release, {
    workflowId: releaseWorkflowId('crash'),
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    taskQueue: workflowQueue(id),
    args: [{ request }],
  });
  const read = () => handle.query<ReleaseRecord>(STATUS_QUERY);
  const sign = (name: CommandName, role: 'ceo' | 'release_manager', more: Partial<Command>) => {
    const command: Command = {
      nonce: randomUUID(),
      name,
      product: 'crash',
      releaseId,
      person: personWith(people, role).name,
      role,
      issuedAt: new Date().toISOString(),
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
      ...more,
    };
    return signCommand(command, people.signing);
  };
  const sendOften = async (name: string, argument: unknown) => {
    for (let at = 0; at < 100; at++) await handle.signal(name, argument);
  };
  // Nobody polls yet: the signal is there before the workflow has run its first line.
  await handle.signal('hold', { person: 'cleo', reason: 'too early' });
  const worker = await startWorkerProcess(
    {
      address: shared.address,
      hosts: [{ config: run.config, prefix: id }],
      parts: ['workflow', 'release', 'devops', 'qa', 'writer', 'support'],
      crashAt: [],
      marks: run.folder,
      workflows: shared.workflows,
    },
    { temporary: join(shared.root, 'tmp') },
  );
  try {
    await waitUntil('the early hold to count', async () => (await read()).held !== undefined, 120_000);
    await sendOften('resume', sign('resume', 'release_manager', { reason: 'go on' }));
    const asked = await waitUntil(
      'the changelog review',
      async () => (await read()).approvals.find(({ status }) => status === 'open'),
      600_000,
    );
    await sendOften(
      'approve',
      sign('approve', 'release_manager', { gate: asked.key, subject: asked.subject }),
    );
    const answered = await waitUntil(
      'the review to be answered',
      async () =>
        (await read()).approvals.find((gate) => gate.key === asked.key && gate.status === 'approved'),
      600_000,
    );
    // The very same bytes again were copied by somebody: each of them is refused, and says so.
    await waitUntil(
      '99 resumes and 99 approvals to be refused',
      async () => (await read()).refusalCount >= 198,
      300_000,
    );
    const record = await read();
    if (answered.decisions.length !== 1)
      problem = `${answered.decisions.length} decisions came of one approval`;
    if (record.held !== undefined) problem = 'it is still held';
    const resumed = describeTimeline(record).filter(({ what }) => what === 'resumed').length;
    // The timeline keeps its newest entries, and 99 refusals came after.
    if (resumed > 1) problem = `it was resumed ${resumed} times`;
    if (record.refusalCount !== 198) problem = `${record.refusalCount} of 198 repetitions were refused`;
    await handle.signal('abort', { person: 'cleo', reason: 'this was all' });
    await handle.result();
  } catch (error) {
    shared.tally.losses.push(id);
    problem = describe(error);
  }
  await worker.stop();
  shared.tally.leftovers.push(...(await findLeftovers([run.folder])));
  await run.stop();
  note(shared.tally, 'a signal before the workflow is ready; the same signal 100 times', startedAt, problem);
}
