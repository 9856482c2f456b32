import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { type ReplayHistoriesIterable, Worker, type WorkflowBundle } from '@temporalio/worker';
import { createDataConverter } from '../../../src/temporal/data-converter.ts';

/** A workflow's history, as the SDK replays it. */
export type ReplayHistory = { workflowId: string; history: Parameters<typeof historyToJSON>[0] };

/** A folder for the histories whose replay differed, to look at: `WINDLASS_MODEL_KEEP`. */
const KEEP = process.env['WINDLASS_MODEL_KEEP'];

/**
 * Replays histories from their beginning, as after the death of a worker: each must do the same again.
 * @returns what differed, by workflow id
 */
export async function replayAll(
  workflowBundle: WorkflowBundle,
  histories: readonly ReplayHistory[],
): Promise<Map<string, string>> {
  const differed = new Map<string, string>();
  if (histories.length === 0) return differed;
  const options = { workflowBundle, dataConverter: createDataConverter() };
  for await (const { workflowId, error } of Worker.runReplayHistories(
    options,
    histories as unknown as ReplayHistoriesIterable,
  )) {
    if (error === undefined) continue;
    differed.set(workflowId, error.message);
    if (KEEP === undefined) continue;
    mkdirSync(KEEP, { recursive: true });
    const kept = histories.find((one) => one.workflowId === workflowId);
    const json = JSON.stringify(kept && historyToJSON(kept.history), undefined, 1);
    writeFileSync(join(KEEP, `${workflowId.replaceAll('/', '_')}.json`), json);
  }
  return differed;
}
