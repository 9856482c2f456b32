import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { describeEntry } from '../../src/release/record/timeline/describe-event.ts';
import { createFileEnvironments, type FileEnvironments } from '../support/environment/file-environments.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { signAs, startRollback } from '../support/fixture/requests.ts';
import { waitFor } from '../support/wait-for.ts';

const BUILD = `#!/bin/sh
set -eu
printf 'the program of %s' "$WINDLASS_VERSION" > program
printf '{"artifact": "program"}' > "$WINDLASS_OUTPUT"
`;

/** The store is the only place that has the bytes of this product. */
describe('a store with a retention', { timeout: 600_000 }, () => {
  let world: GreeterWorld;
  let environments: FileEnvironments;

  beforeAll(async () => {
    world = await startGreeterWorld((product) => {
      const origin = String(product['repository']);
      environments = createFileEnvironments(origin, ['production']);
      commitToMain({ root: dirname(origin), origin }, ['build: a program'], { 'ops/build': BUILD });
      product['scripts'] = { test: 'ops/test', build: 'ops/build' };
      product['release'] = { deployment_strategy: 'rolling' };
      product['environments'] = environments.describe();
      product['registries'] = {};
    });
    world.installation.products[world.product]!.retention = { keepVersions: 1 };
    environments.put('production', '1.0.0');
  });

  afterAll(async () => {
    await world?.stop();
  });

  it('lets the oldest bytes go at the end of a release, and the record says of which versions', async () => {
    for (const version of ['1.1.0', '1.2.0', '1.3.0']) {
      if (version !== '1.1.0') commitToMain(world, ['feat: greet the moon']);
      await world.start();
      const record = await world.approveEverything(300_000);
      expect(record.outcome, record.ending).toBe('released');
      const told = record.timeline.flatMap((entry) =>
        entry.event === 'store_pruned' ? [describeEntry(entry, record).what] : [],
      );
      expect(told, version).toEqual(
        version === '1.3.0'
          ? ['removed the bytes of 1.1.0 from the store (20 B): beyond the newest 2 versions']
          : [],
      );
      const receipts = record.receipts.filter(({ key }) => key.includes('/removed-bytes/'));
      expect(receipts).toHaveLength(version === '1.3.0' ? 1 : 0);
    }
  });

  it('refuses to go back to a version whose bytes are gone, with the day and the policy, before anything is done', async () => {
    const handle = await startRollback(world, { reason: 'orders are slow', to: '1.1.0' });
    const record = await waitFor('the refusal', async () => {
      const now = await handle.query<ReleaseRecord>(STATUS_QUERY);
      return now.steps.some(({ status }) => status === 'failed') && now.waiting ? now : undefined;
    });
    const failed = record.steps.find(({ status }) => status === 'failed');
    const day = new Date().toISOString().slice(0, 10);
    expect(failed?.failure?.what).toBe(
      `the bytes of 1.1.0 were removed from the store on ${day} by its retention (beyond the newest 2 versions), and no registry has them`,
    );
    expect(environments.running('production')).toBe('1.3.0');
    const abort = signAs(world.fixture, 'engineering_lead', {
      name: 'abort',
      releaseId: record.releaseId,
      reason: 'no',
    });
    await handle.signal('abort', abort);
    await handle.result();
  });

  it('goes back to the version before', async () => {
    const handle = await startRollback(world, { reason: 'orders are slow' });
    await handle.result();
    expect((await handle.query<ReleaseRecord>(STATUS_QUERY)).outcome).toBe('rolled_back');
    expect(environments.running('production')).toBe('1.2.0');
  });
});
