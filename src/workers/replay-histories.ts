import { Worker } from '@temporalio/worker';
import { WORKFLOW_TYPES } from '../contracts/workflow-ids.ts';
import type { RecordedHistory } from '../temporal/read-histories.ts';
import { createReplayConverter, findUnopenable, listSealed } from '../temporal/sealing/find-unopenable.ts';
import type { SealingKeys } from '../temporal/sealing/sealing-keys.ts';
import { bundleWorkflows } from './workflow-bundle.ts';

export interface Replayed {
  workflowId: string;
  type: string;
  /** Why it would not go on with this version's code, as the end of a sentence; absent where it would. */
  problem?: string;
}

export interface ReplayOptions {
  /** The keys of the installation; absent where it does not seal. */
  sealing: SealingKeys | undefined;
  /** Where the histories were recorded. */
  namespace: string;
}

/** Replays histories on the workflow code of this version, one after the other. Changes nothing anywhere. */
export async function* replayHistories(
  histories: AsyncIterable<RecordedHistory> | Iterable<RecordedHistory>,
  { sealing, namespace }: ReplayOptions,
): AsyncGenerator<Replayed> {
  const workflowBundle = await bundleWorkflows();
  for await (const { workflowId, type, history } of histories) {
    const known = findKnownProblem(type, history, sealing, namespace);
    if (known !== undefined) {
      yield { workflowId, type, problem: known };
      continue;
    }
    // What was recorded before an installation sealed (or in one that does not) is read as it is.
    const keys = listSealed(history).length > 0 ? sealing : undefined;
    const dataConverter = createReplayConverter(keys, namespace);
    const results = Worker.runReplayHistories({ workflowBundle, dataConverter }, [{ workflowId, history }]);
    for await (const { error } of results) {
      yield { workflowId, type, ...(error === undefined ? {} : { problem: describe(error) }) };
    }
  }
}

/** What is known of a history before it is replayed, in better words than those of the replay. */
function findKnownProblem(
  type: string,
  history: unknown,
  sealing: SealingKeys | undefined,
  namespace: string,
): string | undefined {
  if (!(Object.values(WORKFLOW_TYPES) as string[]).includes(type)) {
    return `this version has no workflow "${type.slice(0, 60)}": a newer version of Windlass began it, or another program`;
  }
  return findUnopenable(history, sealing, namespace);
}

/** The first line of what the SDK found, without its preamble: its advice is for whoever writes workflows. */
function describe(error: Error): string {
  const [, details = error.message] = error.message.split('Details: ');
  const [first = ''] = details.split('\n');
  return `the code of this version does something else than it did: ${first.replace(/\.+$/, '').slice(0, 400)}`;
}
