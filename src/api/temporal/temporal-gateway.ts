/** The gateway to a real Temporal server and a real store. */

import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { CommandName, SignedCommand } from '../../contracts/commands.ts';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readIncidents } from '../../contracts/inbound/read-report.ts';
import { incidentWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { IncidentInput } from '../../contracts/workflows.ts';
import { type Store, StoreMissing } from '../../providers/store/store.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import { isKnownFormat, type ReleaseRecord } from '../../release/record/record.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import { CALENDAR_PREFIX } from '../../temporal/product-schedules.ts';
import { listSchedules } from '../../temporal/schedules.ts';
import { openArchive } from '../archive.ts';
import type { FlowKind } from '../flows.ts';
import { flowWorkflowId, flowWorkflowType, recordKind } from '../flows.ts';
import type { CurrentRelease, WorkflowGateway } from '../gateway.ts';
import { GatewayProblem } from '../gateway.ts';
import { shareCalls } from '../share-calls.ts';
import { describeRunning, readStarted } from './read-started.ts';
import { findSignal, findStuckTask, waitForEvents } from './temporal-history.ts';
import { buildQuery, listExecutions, listRuns } from './temporal-list.ts';
import { grpcCode, isFull, neverArrived, toGatewayProblem } from './temporal-problems.ts';

export interface TemporalGatewayOptions {
  client: Client;
  store: Store;
  /** The queue on which the workflow worker polls. */
  taskQueue: string;
}

const NOT_FOUND = 5;

/** Runs before the newest in which a command that is sent again is looked for. */
const EARLIER_RUNS = 5;

/** Starts, asks and steers releases by Temporal; reads what has ended from the store. */
export function createTemporalGateway(options: TemporalGatewayOptions): WorkflowGateway {
  const { client, store } = options;
  const archive = openArchive(store);
  const call = async <T>(run: () => Promise<T>, limitMs = API_MS.call): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + limitMs, run);
    } catch (error) {
      throw toGatewayProblem(error);
    }
  };

  /** A call that changes something: an answer that does not come is no proof that nothing happened. */
  const change = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + API_MS.call, run);
    } catch (error) {
      const problem = toGatewayProblem(error);
      if (!(problem instanceof GatewayProblem) || neverArrived(error)) throw problem;
      throw new GatewayProblem('unknown', 'Temporal did not answer whether it took it.');
    }
  };

  const query = async (workflowId: string, runId: string): Promise<ReleaseRecord> => {
    const record = await call(
      () => client.workflow.getHandle(workflowId, runId).query<ReleaseRecord>(STATUS_QUERY),
      API_MS.query,
    );
    if (!isKnownFormat(record))
      throw new GatewayProblem('no_worker', `${workflowId} gives no record that this API can read`);
    return record;
  };

  /**
   * People see a flow's outcome a moment before its workflow is closed, since its record is archived in between. True
   * when it is closed by now, so that the next one can start.
   */
  const waitForItsEnd = async (workflowId: string): Promise<boolean> => {
    const handle = client.workflow.getHandle(workflowId);
    try {
      const record = await call(() => handle.query<ReleaseRecord>(STATUS_QUERY), API_MS.query);
      if (record?.outcome === undefined) return false;
      await call(() => handle.result(), API_MS.closing);
      return true;
    } catch {
      return false;
    }
  };

  /** The last one that ended, when Temporal has forgotten it. */
  const readLastArchived = async (product: string, kind: FlowKind): Promise<CurrentRelease | undefined> => {
    const record = await archive.readLast(product, recordKind(kind));
    return record && { record, open: false, workflowId: flowWorkflowId(product, kind) };
  };

  /** Whoever reads decides by it at most what to ask of the workflow, which has the final word. */
  const share = shareCalls<CurrentRelease | undefined>();
  const readNow = async (product: string, kind: FlowKind): Promise<CurrentRelease | undefined> => {
    const workflowId = flowWorkflowId(product, kind);
    try {
      const run = await call(() => client.workflow.getHandle(workflowId).describe());
      const open = run.status.name === 'RUNNING';
      const id = run.memo?.['releaseId'];
      const archived = open || typeof id !== 'string' ? undefined : await archive.read(product, id);
      const record =
        archived ??
        (await query(workflowId, run.runId).catch(async (error: unknown) => {
          const stuck = open ? await call(() => findStuckTask(client, run)) : undefined;
          throw stuck === undefined ? error : new GatewayProblem('stuck', stuck);
        }));
      const first = run.raw.workflowExecutionInfo?.firstRunId;
      return {
        ...{ record, open, workflowId, runId: run.runId },
        ...(first ? { firstRunId: first } : {}),
      };
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      return await readLastArchived(product, kind);
    }
  };

  const readBytes = async (ref: StoreRef) => ((await store.has(ref)) ? await store.read(ref) : undefined);

  return {
    async start(kind, request, { more = {}, asked } = {}) {
      const workflowId = flowWorkflowId(request.product, kind);
      const begin = async () => {
        const handle = await change(() =>
          client.workflow.start(flowWorkflowType(kind), {
            workflowId,
            taskQueue: options.taskQueue,
            args: [{ request, ...more }],
            workflowIdConflictPolicy: 'FAIL',
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
            memo: {
              releaseId: request.releaseId,
              product: request.product,
              requestedBy: request.requestedBy,
              ...(asked === undefined ? {} : { asked }),
            },
            searchAttributes: {
              WindlassProduct: [request.product],
              WindlassRequestedBy: [request.requestedBy],
              WindlassPhase: ['readiness'],
            },
            staticSummary: `${kind} of ${request.product}, asked for by ${request.requestedBy}`,
          }),
        );
        return { workflowId, runId: handle.firstExecutionRunId };
      };
      try {
        return await begin().catch(async (error: unknown) => {
          const running = error instanceof WorkflowExecutionAlreadyStartedError;
          if (running && (await waitForItsEnd(workflowId))) return await begin();
          throw error;
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        throw await describeRunning(
          call,
          client,
          workflowId,
          `A ${kind} of ${request.product} is in flight.`,
        );
      }
    },

    async listStarted(product, kind, since) {
      const workflowId = flowWorkflowId(product, kind);
      // Visibility is a second behind: the newest is asked for by its id.
      const newest = await readStarted(call, client, workflowId);
      const known = await call(() => listRuns(client, workflowId, since));
      const found = [...(newest ? [newest] : []), ...known.filter((one) => one.runId !== newest?.runId)];
      const names = new Set(found.map(({ releaseId }) => releaseId));
      const archived = (await archive.listSince(product, since)).filter((releaseId) => !names.has(releaseId));
      return [...found, ...archived.map((releaseId) => ({ releaseId, open: false }))];
    },

    async reportIncident(product, signed) {
      const input: IncidentInput = { product };
      await change(() =>
        client.workflow.signalWithStart(WORKFLOW_TYPES.incident, {
          workflowId: incidentWorkflowId(product),
          taskQueue: options.taskQueue,
          args: [input],
          signal: 'incident' satisfies CommandName,
          signalArgs: [signed],
          memo: { product },
        }),
      );
    },

    async readIncidents(product) {
      try {
        const handle = client.workflow.getHandle(incidentWorkflowId(product));
        return readIncidents(await call(() => handle.query(STATUS_QUERY)));
      } catch (error) {
        // Nothing has ever been reported.
        if (error instanceof WorkflowNotFoundError) return [];
        throw error;
      }
    },

    async signal(release, name, argument) {
      try {
        await change(() =>
          client.workflow.getHandle(release.workflowId, release.runId).signal(name, argument),
        );
      } catch (error) {
        if (isFull(error)) {
          throw new GatewayProblem(
            'full',
            `${release.workflowId} has had as many signals as Temporal takes; nothing was sent.`,
          );
        }
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw new GatewayProblem('not_in_flight', 'It has ended meanwhile; nothing was sent.');
      }
    },

    isRunning: async (workflowId) => (await readStarted(call, client, workflowId))?.open ?? false,

    readCurrent: (product, kind = 'release') =>
      share(flowWorkflowId(product, kind), () => readNow(product, kind)),

    async findCommand(release, nonce, since) {
      const isIt = (argument: unknown) => readNonce(argument) === nonce;
      const look = async (runId: string | undefined) => {
        const run = { workflowId: release.workflowId, ...(runId === undefined ? {} : { runId }) };
        try {
          return await call(() => findSignal(client, run, isIt));
        } catch (error) {
          // No such workflow has received anything.
          if (grpcCode(error) === NOT_FOUND) return undefined;
          throw error;
        }
      };
      const here = await look(release.runId);
      if (here) return here;
      const runs = await call(() => listRuns(client, release.workflowId, since));
      for (const { runId } of runs.slice(0, EARLIER_RUNS)) {
        const found = runId === release.runId ? undefined : await look(runId);
        if (found) return found;
      }
      return undefined;
    },
    listReleases: async (filter) => await call(() => listExecutions(client, filter)),
    countReleases: async (filter) => (await call(() => client.workflow.count(buildQuery(filter)))).count,
    listArchived: (product) => archive.list(product),
    readArchived: (product, releaseId) => archive.read(product, releaseId),
    listRunning: (record) => archive.listRunning(record),

    readBytes,
    openBytes: async (digest) =>
      await store.open({ digest }).catch((error: unknown) => {
        if (error instanceof StoreMissing) return undefined;
        throw error;
      }),
    readText: async (ref) => (await readBytes(ref))?.toString('utf8'),
    writeText: (text) => store.put(Buffer.from(text), 'text/markdown'),

    async waitForChange(release, cursor, signal) {
      try {
        return await waitForEvents(client, release, cursor, signal);
      } catch (error) {
        throw toGatewayProblem(error);
      }
    },

    async listSchedules() {
      const states = await call(() => listSchedules(client, CALENDAR_PREFIX), API_MS.query);
      return states.map(({ id, paused, note, nextTimes }) => ({
        id,
        product: id.slice(CALENDAR_PREFIX.length),
        paused,
        note,
        nextTimes,
      }));
    },
    async ping() {
      await call(() => client.workflowService.getSystemInfo({}), 2_000);
    },
  };
}

function readNonce(argument: unknown): string | undefined {
  try {
    const command = JSON.parse((argument as SignedCommand).signed) as { nonce?: unknown };
    return typeof command.nonce === 'string' ? command.nonce : undefined;
  } catch {
    return undefined;
  }
}
