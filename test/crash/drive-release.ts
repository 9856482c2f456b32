import { setTimeout as delay } from 'node:timers/promises';
import { FAILED_PRECONDITION, grpcCode } from '../../src/api/temporal/temporal-problems.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { environmentWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { EnvironmentState } from '../../src/contracts/workflows.ts';
import { missingRoles } from '../../src/release/approvals.ts';
import type { PHASES, Phase, ReleaseRecord } from '../../src/release/record/record.ts';
import { connectClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { callApi, type DemoFixture, personWith } from '../support/fixture/demo.ts';
import type { Actor, InstallationProcesses } from './process/installation-processes.ts';
import { waitUntil } from './process/wait.ts';

/** Dying processes must never make a release wait for a person. */
class StuckRelease extends Error {}

const ANSWER_LIMIT_MS = 120_000;

/** Something that happens to a release when it gets to a phase. */
export interface Disturbance {
  phase: (typeof PHASES)[number];
  actors: readonly Actor[];
}

/** Releases a product through the API as its people would, with the disturbances on the way, to its end. */
export async function driveRelease(
  processes: InstallationProcesses,
  fixture: DemoFixture,
  disturbances: readonly Disturbance[],
  limitMs: number,
): Promise<ReleaseRecord> {
  const over = new AbortController();
  // Beside the people: a question to the API may hang for as long as no worker answers it.
  const supervising = superviseProcesses(processes, over.signal);
  try {
    return await actAsPeople(processes, fixture, disturbances, limitMs);
  } finally {
    over.abort();
    await supervising;
  }
}

/** Does what a service manager does: starts what died. */
async function superviseProcesses(processes: InstallationProcesses, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    // What could not be started is tried again.
    await processes.revive().catch(() => undefined);
    await delay(200);
  }
}

async function actAsPeople(
  processes: InstallationProcesses,
  fixture: DemoFixture,
  disturbances: readonly Disturbance[],
  limitMs: number,
): Promise<ReleaseRecord> {
  const api = callApi(`http://127.0.0.1:${fixture.ports.api}`);
  const due = [...disturbances];
  const given = new Set<string>();
  const deadline = performance.now() + limitMs;
  let last: ReleaseRecord | undefined;
  let started = false;
  while (performance.now() < deadline) {
    try {
      if (!started) {
        await api.start(personWith(fixture, 'release_manager'), fixture.product).catch((error: Error) => {
          // The answer to an earlier try was lost, or the release runs already.
          if (!/in flight|already/i.test(error.message)) throw error;
        });
        started = true;
      }
      const record = await api.read(personWith(fixture, 'operator'), fixture.product);
      if (record) {
        last = record;
        if (record.outcome !== undefined) return record;
        if (
          record.steps.some(({ status }) => status === 'failed') &&
          record.waiting?.actions.includes('retry')
        ) {
          throw new StuckRelease(`it waits for a person: ${describeStand(record)}`);
        }
        const next = due.findIndex(({ phase }) => isReached(record, phase));
        if (next >= 0) await processes.killAndRestart(due.splice(next, 1)[0]?.actors ?? []);
        else await decide(record);
      }
    } catch (error) {
      if (error instanceof StuckRelease) throw error;
      // The API or the server behind it is down: that is what is tested.
    }
    await delay(200);
  }
  throw new Error(`the release did not end within ${limitMs / 1_000} s; ${describeStand(last)}`);

  async function decide(record: ReleaseRecord): Promise<void> {
    for (const gate of record.approvals.filter(({ status }) => status === 'open')) {
      for (const role of missingRoles(gate)) {
        const id = `${record.round}/${gate.key}/${gate.openedAt}/${role}`;
        if (gate.decisions.some((decision) => decision.role === role) || given.has(id)) continue;
        await api.decide(personWith(fixture, role), fixture.product, gate.key, 'approve', role, 'crash test');
        given.add(id);
        // One that was lost with a dying process is given again.
        setTimeout(() => given.delete(id), 5_000).unref();
      }
    }
  }
}

function isReached(record: ReleaseRecord, phase: Phase): boolean {
  return record.phase === phase || record.steps.some((step) => step.phase === phase);
}

function describeStand(record: ReleaseRecord | undefined): string {
  if (!record) return 'it never began';
  const failed = record.steps.filter(({ status }) => status === 'failed' || status === 'running');
  const what = failed.map(({ id, status, failure }) => `${id} ${status} ${failure?.what ?? ''}`).join('; ');
  return `it is in ${record.phase}: ${what}; waiting ${JSON.stringify(record.waiting ?? null)}`;
}

/**
 * Leases that are still held or waited for, by the environments' own workflows. A worker is brought back for the
 * question: the last barrier of a schedule may have killed it when the release had ended and nobody looked after it.
 */
export async function findHeldLeases(
  processes: InstallationProcesses,
  fixture: DemoFixture,
  environments: readonly string[],
): Promise<string[]> {
  const { client, close } = await connectClient({
    address: `127.0.0.1:${fixture.ports.temporal}`,
    namespace: 'default',
    dataConverter: createDataConverter(),
  });
  try {
    const held: string[] = [];
    for (const environment of environments) {
      const handle = client.workflow.getHandle(environmentWorkflowId(fixture.product, environment));
      const state = await waitUntil(
        `an answer of ${environment}'s workflow`,
        async () => {
          await processes.revive();
          try {
            return await handle.query<EnvironmentState>(STATUS_QUERY);
          } catch (error) {
            // A server that came back has seen no poller yet.
            if (grpcCode(error) === FAILED_PRECONDITION) return undefined;
            throw error;
          }
        },
        ANSWER_LIMIT_MS,
      );
      if (state.holder) held.push(`lease of ${environment} held by ${state.holder.holder}`);
      for (const { holder } of state.waiting) held.push(`lease of ${environment} waited for by ${holder}`);
    }
    return held;
  } finally {
    await close();
  }
}
