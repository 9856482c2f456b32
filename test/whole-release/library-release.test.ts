import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GreeterWorld, startGreeterWorld } from '../support/greeter-world.ts';

describe('a release of a library without environments', () => {
  let scene: GreeterWorld;

  beforeAll(async () => {
    scene = await startGreeterWorld();
  });

  afterAll(async () => {
    await scene?.stop();
  });

  it('is reviewed, tested, approved, published, verified and finalized, and says what does not apply', async () => {
    await scene.start();
    const record = await scene.approveEverything();
    console.log(
      record.steps.map((s) => `${s.id} ${s.status} ${s.detail ?? ''} ${s.failure?.what ?? ''}`).join('\n'),
      record.ending,
    );
    expect(record.outcome).toBe('released');
    const version = record.plan?.version;
    const origin = (ref: string) =>
      execFileSync('git', ['ls-remote', scene.origin, ref], { encoding: 'utf8' }).split('\t')[0];
    expect(origin(`refs/tags/v${version}^{}`)).toBe(record.commit);
    const packument = (await (await fetch(`${scene.npm.url}@windlass-example/greeter`)).json()) as {
      'dist-tags': Record<string, string>;
    };
    expect(packument['dist-tags']).toEqual({ latest: version });
    const unused = record.steps.filter((step) => step.status === 'not_configured').map((step) => step.id);
    expect(unused).toEqual(
      expect.arrayContaining(['staging.deployment', 'production.deployment', 'publish.docker']),
    );
  });
});
