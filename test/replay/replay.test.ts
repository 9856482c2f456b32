import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { bundleWorkflows } from '../../src/workers/start-workers.ts';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));

/**
 * Releases in flight go on with new code: every recorded history must replay. A failure here means that a change of
 * the workflows needs `patched`, or (while nobody runs it) new histories by `node test/replay/record.ts`.
 */
it('today’s workflow code replays every recorded history', async () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.bin.gz'));
  expect(files.length).toBeGreaterThan(0);
  const histories = files.map((name) => ({
    workflowId: name,
    history: temporal.api.history.v1.History.decode(gunzipSync(readFileSync(`${FOLDER}${name}`))),
  }));
  const results = Worker.runReplayHistories(
    { workflowBundle: await bundleWorkflows(), dataConverter: createDataConverter() },
    histories,
  );
  const errors: string[] = [];
  let replayed = 0;
  for await (const { workflowId, error } of results) {
    replayed += 1;
    if (error) errors.push(`${workflowId}: ${error.message}`);
  }
  expect(errors).toEqual([]);
  expect(replayed).toBe(files.length);
});
