import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { openGate } from '../../src/release/record/record.ts';
import { personWith } from '../support/fixture/demo.ts';
import { type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';

/** Each mistake stops the release with a sentence, changes nothing, and can be mended or ended. */
describe('bad input to a release', () => {
  let world: GreeterWorld;

  beforeAll(async () => {
    world = await startGreeterWorld((product) => {
      product['scripts'] = { test: { run: ['ops/test'], timeout: '2s' } };
    });
  });

  afterAll(async () => {
    await world?.stop();
  });

  /** The failure that the release waits with. */
  const failureOf = async (step: string) => {
    const record = await world.until(
      `${step} to fail`,
      (now) => now.steps.some((s) => s.id === step && s.status === 'failed') && now.waiting !== undefined,
    );
    return { record, failure: record.steps.find((s) => s.id === step)?.failure };
  };
  const abort = async () => {
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'the test is over' });
    return await world.ended();
  };
  const approveReview = async (round: number) => {
    await world.until(
      'the review',
      (now) => now.round === round && openGate(now, 'changelog_review') !== undefined,
    );
    await world.approve('changelog_review', 'release_manager');
  };

  it('a version that is not above the last one', async () => {
    await world.start({ version: '0.9.0' });
    const { failure } = await failureOf('readiness.check');
    expect(failure).toMatchObject({ type: 'Mistake', changed: 'nothing' });
    expect(failure?.what).toMatch(
      /0\.9\.0 cannot be released: it must be a semantic version higher than 1\.0\.0/,
    );
    expect((await abort()).remains).toEqual([]);
  });

  it('a tag that exists already: the next free version is taken, and it is said why', async () => {
    // On a commit that main does not contain: otherwise it would simply be the last release.
    const stray = git(
      world.origin,
      ...['-c', 'user.name=Ola', '-c', 'user.email=o@example.test'],
      ...['commit-tree', 'v1.0.0^{tree}', '-m', 'stray'],
    );
    git(world.origin, 'tag', 'v1.1.0', stray);
    await world.start();
    const { plan } = await world.until(
      'the review',
      (now) => openGate(now, 'changelog_review') !== undefined,
    );
    expect(plan?.version).toBe('1.1.1');
    expect(plan?.warnings).toContainEqual(
      expect.stringMatching(/1\.1\.0 is used up: it has the tag v1\.1\.0/),
    );
    await abort();
    expect(git(world.origin, 'rev-parse', 'v1.1.0')).toBe(stray);
    git(world.origin, 'tag', '--delete', 'v1.1.0');
  });

  it('a branch that somebody made since the plan: both sides are shown, neither is touched', async () => {
    const theirs = git(world.origin, 'rev-parse', 'v1.0.0^{commit}');
    const branch = `refs/heads/release/${world.product}/v1.1.0`;
    await world.start();
    await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    git(world.origin, 'update-ref', branch, theirs);
    await approveReview(1);
    const { record, failure } = await failureOf('branch.push');
    expect(failure?.type).toBe('Conflict');
    expect(failure?.what).toContain(theirs);
    expect(failure?.what).toContain(record.commit);
    expect(git(world.origin, 'rev-parse', branch)).toBe(theirs);
    await abort();
    expect(git(world.origin, 'rev-parse', branch)).toBe(theirs);
    git(world.origin, 'update-ref', '-d', branch);
  });

  it('an origin that has diverged since the plan', async () => {
    const tip = git(world.origin, 'rev-parse', 'main');
    await world.start();
    await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    git(world.origin, 'update-ref', 'refs/heads/main', git(world.origin, 'rev-parse', 'v1.0.0^{commit}'));
    await world.approve('changelog_review', 'release_manager');
    const { failure } = await failureOf('branch.push');
    expect(failure?.type).toBe('Conflict');
    expect(failure?.what).toMatch(/main has diverged/);
    expect(failure?.next).toMatch(/replan/);
    await abort();
    git(world.origin, 'update-ref', 'refs/heads/main', tip);
  });

  it.each([
    ['fails', '#!/bin/sh\necho 3 of 7 failed >&2\nexit 3\n', 0o755, 'ScriptFailed', /ended with 3/],
    ['hangs past its limit', '#!/bin/sh\nsleep 600\n', 0o755, 'ScriptFailed', /hung and was ended after 2 s/],
  ] as const)(
    'a script that %s; the fix is a new commit and a replan',
    async (_how, script, mode, type, what) => {
      commitScript(world, script, mode);
      await world.start();
      await approveReview(1);
      const { record, failure } = await failureOf('gates.tests');
      expect(failure?.type).toBe(type);
      expect(failure?.what).toMatch(what);
      // Nothing skips the tests.
      expect(record.waiting?.actions).toEqual(['retry', 'replan', 'abort']);
      expect(git(world.origin, 'branch', '--list', 'release/*')).toBe('');
      commitScript(world, '#!/bin/sh\nexit 0\n', 0o755);
      await world.send('replan', personWith(world.fixture, 'operator'), { reason: 'mended' });
      await approveReview(2);
      await world.until('the tests', (now: ReleaseRecord) =>
        now.steps.some((s) => s.id === 'gates.tests' && s.status === 'done'),
      );
      await abort();
    },
  );

  it.each([
    ['is not executable', '#!/bin/sh\n', 0o644, /script ops\/test .*is not an executable file/],
    ['is missing', undefined, 0, /script ops\/test .*does not exist in the release commit/],
    [
      'wants a program that is not here',
      '#!/usr/bin/env windlass-no-such\n',
      0o755,
      /is run by windlass-no-such/,
    ],
  ] as const)(
    'a script that %s is told before anybody is asked; the fix is a new commit and a replan',
    async (_how, script, mode, what) => {
      commitScript(world, script, mode);
      await world.start();
      const { record, failure } = await failureOf('readiness.check');
      expect(failure?.type).toBe('Blocked');
      expect(record.blockers).toEqual([expect.stringMatching(what)]);
      expect(record.approvals).toEqual([]);
      commitScript(world, '#!/bin/sh\nexit 0\n', 0o755);
      await world.send('replan', personWith(world.fixture, 'operator'), { reason: 'mended' });
      await approveReview(2);
      await world.until('the tests', (now: ReleaseRecord) =>
        now.steps.some((s) => s.id === 'gates.tests' && s.status === 'done'),
      );
      await abort();
    },
  );

  it('a product that nobody configured', async () => {
    await world.start({ product: 'no-such-product' });
    const record = await world.ended();
    expect(record.outcome).toBe('failed');
    expect(record.ending).toMatch(/there is no product "no-such-product"/);
  });
});

function git(repository: string, ...args: string[]): string {
  return execFileSync('git', ['--git-dir', repository, ...args], { encoding: 'utf8' }).trim();
}

/** A colleague changes or removes the test script. */
function commitScript(world: GreeterWorld, text: string | undefined, mode: number): void {
  const clone = join(world.root, `clone-${randomUUID()}`);
  const inClone = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args]);
  execFileSync('git', ['clone', '--quiet', world.origin, clone]);
  if (text === undefined) inClone('rm', '--quiet', 'ops/test');
  else {
    mkdirSync(join(clone, 'ops'), { recursive: true });
    writeFileSync(join(clone, 'ops/test'), text);
    chmodSync(join(clone, 'ops/test'), mode);
    inClone('add', 'ops/test');
  }
  inClone('commit', '--quiet', '--allow-empty', '-m', 'chore: change the test script');
  inClone('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
}
