import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { readWorkflowBundle } from '../support/fixture/made-once.ts';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const { History } = temporal.api.history.v1;

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.bin.gz'));
const read = (name: string) => History.decode(gunzipSync(readFileSync(`${FOLDER}${name}`)));

async function replay(histories: { workflowId: string; history: ReturnType<typeof read> }[]) {
  const results = Worker.runReplayHistories(
    { workflowBundle: await readWorkflowBundle(), dataConverter: createDataConverter() },
    histories,
  );
  const errors: string[] = [];
  let replayed = 0;
  for await (const { workflowId, error } of results) {
    replayed += 1;
    if (error) errors.push(`${workflowId}: ${error.message}`);
  }
  return { errors, replayed };
}

/**
 * Releases in flight go on with new code: every recorded history must replay. A failure here means that a change of
 * the workflows needs `patched`, or (while nobody runs it) new histories by `node test/replay/record.ts`.
 */
it('today’s workflow code replays every recorded history', async () => {
  expect(files.length).toBeGreaterThan(0);
  const { errors, replayed } = await replay(files.map((name) => ({ workflowId: name, history: read(name) })));
  expect(errors).toEqual([]);
  expect(replayed).toBe(files.length);
});

it('a history that another order of steps would have made is an error', async () => {
  const name = files.find((file) => file.includes('-deployment-')) ?? '';
  const history = read(name);
  const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes);
  const attributes = scheduled?.activityTaskScheduledEventAttributes;
  if (!attributes) throw new Error(`${name} has no activity`);
  attributes.activityType = { name: 'somethingElse' };
  expect((await replay([{ workflowId: name, history }])).errors).toHaveLength(1);
});
