import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewReleaseStatus } from '../../src/release/views/release-status.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { personWith } from '../support/fixture/demo.ts';
import { type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';

/** Waits until the gates that its arguments name have begun as well; then does what the test says about it. */
const GATE = `#!/bin/sh
set -eu
: > "$MEET/$WINDLASS_GATE"
for other in "$@"; do
  tries=0
  until [ -e "$MEET/$other" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "$other never began"; exit 9; }
    sleep 0.1
  done
done
mkdir -p reports
echo "{\\"gate\\":\\"$WINDLASS_GATE\\"}" > reports/found.json
[ ! -e "$MEET/fail-$WINDLASS_GATE" ] || { echo "$WINDLASS_GATE found something"; exit 3; }
printf '{"summary":"nothing found"}' > "$WINDLASS_OUTPUT"
`;

/** Two gates that wait for each other's beginning, one that needs both, one that is advisory. */
describe('a product with gates of its own', () => {
  let world: GreeterWorld;
  let meet: string;

  beforeAll(async () => {
    world = await startGreeterWorld((product) => {
      product['gates'] = {
        security: { title: 'Security scan', script: ['ops/gate', 'licences'], report: 'reports/found.json' },
        licences: { script: ['ops/gate', 'security'], skippable: true, report: 'reports/found.json' },
        provenance: { script: ['ops/gate'], needs: ['security', 'licences', 'tests'] },
        style: { script: ['ops/gate'], advisory: true, report: 'reports/found.json' },
      };
    });
    meet = join(world.root, 'meet');
    mkdirSync(meet);
    for (const settings of Object.values(world.installation.products)) settings.variables = { MEET: meet };
    const clone = join(world.root, 'team');
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args]);
    execFileSync('git', ['clone', '--quiet', world.origin, clone]);
    writeFileSync(join(clone, 'ops', 'gate'), GATE);
    chmodSync(join(clone, 'ops', 'gate'), 0o755);
    git('add', '.');
    git('commit', '--quiet', '-m', 'feat: gates of our own');
    git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    for (const gate of ['security', 'licences', 'style']) writeFileSync(join(meet, `fail-${gate}`), '');
  });

  afterAll(async () => {
    await world?.stop();
  });

  it('runs what does not depend on each other at the same time, and asks about one failure after another', async () => {
    await world.start();
    await world.until('the review', (now) => now.approvals.some((gate) => gate.status === 'open'));
    await world.approve('changelog_review', 'release_manager');
    const operator = personWith(world.fixture, 'operator');

    const both = await world.until(
      'both to have failed, the question about one, and the end of those beside them',
      (now) =>
        now.steps.filter((step) => step.status === 'failed').length === 2 &&
        now.waiting !== undefined &&
        ['tests', 'style'].every((name) => now.gates.some(({ gate }) => gate === name)),
    );
    const failed = both.steps.filter((step) => step.status === 'failed').map((step) => step.id);
    expect(failed.sort()).toEqual(['gates.licences', 'gates.security']);
    // Each began before the other could end; what needs them has not begun.
    expect(both.steps.some((step) => step.id === 'gates.provenance')).toBe(false);
    expect(both.gates.map(({ gate }) => gate)).toEqual(expect.arrayContaining(['tests', 'style']));

    const asked = new Set<string>();
    for (const _ of failed) {
      const now = await world.until(
        'a question',
        ({ waiting }) => waiting !== undefined && !asked.has(waiting.reason),
      );
      asked.add(now.waiting?.reason ?? '');
      if (now.waiting?.reason.startsWith('licences')) {
        expect(now.waiting.actions).toContain('skip');
        await world.send('skip', operator, { reason: 'known, see the list' });
      } else {
        expect(now.waiting?.reason).toMatch(/^Security scan failed: security \(ops\/gate\) ended with 3/);
        expect(now.waiting?.actions).not.toContain('skip');
        execFileSync('rm', [join(meet, 'fail-security')]);
        await world.send('retry', operator, { reason: 'mended' });
      }
    }
    const record = await world.approveEverything(200_000);
    expect(record.outcome, record.ending).toBe('released');
    const results = Object.fromEntries(record.gates.map(({ gate, result }) => [gate, result]));
    expect(results).toMatchObject({
      tests: 'passed',
      security: 'passed',
      licences: 'skipped',
      provenance: 'passed',
      style: 'advisory_failed',
    });
    expect(viewReleaseStatus(record).quality_gates).toMatchObject({
      security: 'passed',
      licences: 'skipped',
      style: 'advisory_failed',
      load_testing: 'not_configured',
    });
  });

  it('keeps the report that each left, also of one that failed', async () => {
    const record = await world.record();
    const store = await openStore(world.installation);
    for (const name of ['security', 'style']) {
      const report = record.gates.find(({ gate }) => gate === name)?.report;
      expect(report?.mediaType).toBe('application/json');
      expect(JSON.parse((await store.read(report!)).toString())).toEqual({ gate: name });
    }
  });

  it('writes them into release-status.yaml under their own names', () => {
    const file = execFileSync('git', ['--git-dir', world.origin, 'show', 'main:release-status.yaml'], {
      encoding: 'utf8',
    });
    expect(file).toMatch(/security: passed/);
    expect(file).toMatch(/style: advisory_failed/);
  });
});
