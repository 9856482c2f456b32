import { type Client, defaultPayloadConverter } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnswerProof, SaidByRole } from '../../src/contracts/answers.ts';
import { roleQueue, type WorkerRole, workflowQueue } from '../../src/contracts/task-queues.ts';
import { signAnswer } from '../../src/integrations/ledger/answers.ts';
import { renderChecklist } from '../../src/release/views/checklist.ts';
import { personWith } from '../support/fixture/demo.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { connectTestClient } from '../support/server/temporal-server.ts';

/** As often as a workflow asks before it gives up. */
const TRIES = 3;

const LIE = { gate: 'tests', title: 'Tests', result: 'passed', summary: '25 tests passed' };

/** Nothing is sealed here: whoever polls a role's queue reads what is asked, and may answer. */
describe('a liar who polls the queues of the roles', () => {
  let scene: GreeterWorld;
  let liar: Client;
  let leave: () => Promise<void>;

  beforeAll(async () => {
    scene = await startGreeterWorld();
    const connected = await connectTestClient();
    liar = connected.client;
    leave = connected.close;
    commitToMain(scene, ['feat: greet in Klingon on request']);
    await scene.start();
    await scene.until('the review', ({ approvals }) => approvals.some(({ status }) => status === 'open'));
  });

  afterAll(async () => {
    await leave?.();
    await scene?.stop();
  });

  /** Takes the next piece of work of a role, and gives back what `lie` makes of it. */
  const answer = async (
    role: WorkerRole,
    lie: (asked: SaidByRole) => { result: unknown } | { failure: string },
  ) => {
    const taskQueue = { name: roleQueue(workflowQueue(scene.product), role) };
    const task = await liar.withDeadline(Date.now() + 120_000, () =>
      liar.workflowService.pollActivityTaskQueue({ namespace: 'default', taskQueue }),
    );
    const [input, wanted] = (task.input?.payloads ?? []).map((payload) =>
      defaultPayloadConverter.fromPayload(payload),
    );
    const { workflowId, runId } = task.workflowExecution ?? {};
    const told = lie({
      role,
      activity: task.activityType?.name ?? '',
      workflowId: workflowId ?? '',
      runId: runId ?? '',
      ask: (wanted as { ask: number } | undefined)?.ask ?? 0,
      input,
      outcome: {},
    });
    const { taskToken } = task;
    if ('failure' in told) {
      const failure = {
        message: told.failure,
        applicationFailureInfo: { type: 'Mistake', nonRetryable: true },
      };
      await liar.workflowService.respondActivityTaskFailed({ namespace: 'default', taskToken, failure });
    } else {
      const result = { payloads: [defaultPayloadConverter.toPayload(told.result)] };
      await liar.workflowService.respondActivityTaskCompleted({ namespace: 'default', taskToken, result });
    }
    return task.activityType?.name;
  };
  /** Signs as whoever holds that role's key could. */
  const signAs = (
    key: WorkerRole,
    asked: SaidByRole,
    result: unknown,
  ): { answer: unknown; proof: AnswerProof } => {
    const { privateKey } = scene.fixture.ledger?.[key] ?? { privateKey: '' };
    const signing = { keyId: `demo-${key}`, signer: key, privateKey };
    return { answer: result, proof: signAnswer({ ...asked, outcome: { answer: result } }, signing) };
  };
  const everything = async () => {
    const record = await scene.record();
    return `${JSON.stringify(record)}\n${renderChecklist(record)}`;
  };

  it('approves nothing by saying that a forged command was verified', async () => {
    const back = await scene.sendAway('release');
    const { releaseId, approvals } = await scene.record();
    const [gate] = approvals;
    const { name: person } = personWith(scene.fixture, 'release_manager');
    const command = {
      ...{
        nonce: 'n',
        name: 'approve',
        product: scene.product,
        releaseId,
        gate: gate?.key,
        subject: gate?.subject,
      },
      ...{
        person,
        role: 'release_manager',
        issuedAt: new Date().toISOString(),
        validUntil: '2099-01-01T00:00:00Z',
      },
    };
    await scene
      .handle()
      .signal('approve', { signed: JSON.stringify(command), keyId: 'demo', signature: 'AAAA' });
    for (let tried = 0; tried < TRIES; tried++) {
      const asked = await answer('release', () => ({ result: { command } }));
      expect(asked).toBe('verifyCommand');
    }
    const { refusals } = await scene.until('the refusal', (record) => record.refusals.length > 0);
    expect(refusals[0]).toMatchObject({
      what: 'approve',
      by: 'unknown',
      reason: expect.stringContaining(
        'the answer of verifyCommand is not believed: it does not carry the signature of release',
      ),
    });
    expect((await scene.record()).approvals[0]).toMatchObject({ status: 'open', decisions: [] });
    await back();
  });

  it('opens no gate by saying that its tests passed, nor with the key of another role', async () => {
    const back = await scene.sendAway('qa');
    await scene.approve('changelog_review', 'release_manager');
    await answer('qa', () => ({ result: LIE }));
    await answer('qa', (asked) => ({ result: signAs('devops', asked, LIE) }));
    await answer('qa', (asked) => ({ result: signAs('qa', { ...asked, ask: asked.ask - 1 }, LIE) }));
    const { steps } = await scene.until('the failure', (record) =>
      record.steps.some(({ failure }) => failure),
    );
    expect(steps.find(({ failure }) => failure)).toMatchObject({
      id: 'gates.tests',
      failure: {
        type: 'NotVerified',
        what: 'the answer of runGate is not believed: its signature is for another answer, or for another question',
      },
    });
    expect(await everything()).not.toContain(LIE.summary);
    await scene.send('retry', personWith(scene.fixture, 'release_manager'));
    for (let tried = 0; tried < TRIES; tried++)
      await answer('qa', () => ({ failure: 'every test fails: abort at once' }));
    const again = await scene.until('the failure', ({ steps }) =>
      steps.some(({ failure }) => failure?.what.includes('every test')),
    );
    expect(again.steps.find(({ failure }) => failure)?.failure).toMatchObject({
      type: 'NotVerified',
      what: 'that runGate failed (unverified: "every test fails: abort at once") is not believed: it does not carry the signature of qa',
    });
    await back();
    await scene.send('retry', personWith(scene.fixture, 'release_manager'));
  });

  it('harms nothing that comes later: the release goes on to its end, with what QA itself said', async () => {
    const { outcome, gates } = await scene.approveEverything();
    expect(outcome).toBe('released');
    expect(gates.find(({ gate }) => gate === 'tests')).toMatchObject({ result: 'passed' });
    expect(gates.some(({ summary }) => summary === LIE.summary)).toBe(false);
  });
});
