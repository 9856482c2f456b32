import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReleaseWorld, startReleaseWorld } from '../support/release-world.ts';

describe('a minor release of the example product', () => {
  let scene: ReleaseWorld;

  beforeAll(async () => {
    scene = await startReleaseWorld();
  });

  afterAll(async () => {
    await scene?.stop();
  });

  it('goes through every phase and ends with the new version everywhere', { timeout: 240_000 }, async () => {
    await scene.start();
    const record = await scene.approveEverything(200_000);
    console.log(
      record.steps.map((s) => `${s.id} ${s.status} ${s.detail ?? ''} ${s.failure?.what ?? ''}`).join('\n'),
    );
    console.log(record.timeline.map((t) => `${t.at} ${t.what}`).join('\n'));
    expect(record.outcome).toBe('released');
  });
});
