import { expect, it } from 'vitest';
import { openGate } from '../../src/release/record/record.ts';
import { renderChecklist } from '../../src/release/views/checklist.ts';
import { renderStatus } from '../../src/release/views/status-text.ts';
import { startGreeterWorld } from '../support/fixture/greeter-world.ts';

it('a release whose role has no worker says which and since when, and goes on by itself when one comes', async () => {
  const world = await startGreeterWorld();
  try {
    await world.start();
    await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    const comeBack = await world.sendAway('qa');
    await world.approve('changelog_review', 'release_manager');
    const waits = await world.until('a missing worker', (now) => now.missingWorkers !== undefined);
    expect(waits.missingWorkers).toEqual([{ role: 'qa', since: expect.any(String) }]);
    const text = renderStatus(waits, { colour: false, now: new Date().toISOString() });
    expect(text).toContain('Waits for a qa worker, for 1');
    expect(text).toContain('no qa worker since');
    expect(text).toContain('windlass worker --role qa');
    expect(renderChecklist(waits)).toContain('**Waits for a qa worker**');
    expect(waits.steps.filter((step) => step.status === 'failed')).toEqual([]);
    await comeBack();
    const on = await world.until('the tests', (now) => now.missingWorkers === undefined);
    const told = on.timeline.filter((entry) => entry.event?.startsWith('worker_'));
    expect(told.map((entry) => entry.event)).toEqual(['worker_missing', 'worker_wait_over']);
    const record = await world.approveEverything();
    expect(record.outcome, record.ending).toBe('released');
    // Lying in the queue is no attempt.
    expect(record.steps.filter((step) => step.attempts > 1)).toEqual([]);
  } finally {
    await world.stop();
  }
});
