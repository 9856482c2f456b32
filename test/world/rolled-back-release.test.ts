import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { checkRolledBack, readIssueTitles, startCustomers } from '../support/fixture/demo.ts';
import { type ReleaseWorld, startReleaseWorld } from '../support/fixture/release-world.ts';
import { waitFor } from '../support/server/temporal-server.ts';

describe('a release that breaks in production', () => {
  let world: ReleaseWorld;
  let record: ReleaseRecord;
  let customers: ReturnType<typeof startCustomers>;

  beforeAll(async () => {
    world = await startReleaseWorld({ bad: true });
    customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
    await world.start();
    record = await world.approveEverything(600_000);
    await customers.stop();
  }, 300_000);

  afterAll(async () => {
    await world?.stop();
  });

  it('ends as rolled back, and says why', () => {
    expect(record.outcome).toBe('rolled_back');
    expect(record.ending).toMatch(/error_rate/);
    expect(record.incidents).toEqual([
      expect.objectContaining({ severity: 'critical', resolution: 'rolled back at once' }),
    ]);
  });

  it('has the old version answer again, and offered the new one to nobody', async () => {
    const findings = await checkRolledBack(world.world, '1.3.0', '1.2.0');
    expect(findings.filter((finding) => !finding.holds)).toEqual([]);
    const registry = `http://127.0.0.1:${world.fixture.ports.npm}/`;
    const document = (await (await fetch(`${registry}@windlass-example/shop`)).json()) as {
      versions: Record<string, { deprecated?: string }>;
      'dist-tags': Record<string, string>;
    };
    expect(document['dist-tags']).toEqual({ latest: '1.2.0' });
    expect(document.versions['1.3.0']?.deprecated).toMatch(/rolled back/);
  });

  it('opens one issue for the fix, drafts the post-mortem, and tells the CEO', async () => {
    const issues = join(world.folders.root, 'store', 'named', 'issues', world.product);
    const titles = await waitFor('both issues', async () => {
      const found = await readIssueTitles(issues);
      return found.length >= 2 ? found : undefined;
    });
    expect(titles).toEqual([
      expect.stringMatching(/^Post-mortem/),
      expect.stringMatching(/1\.3\.0 was rolled back$/),
    ]);
    expect(readFileSync(join(world.folders.notices, 'ceo.jsonl'), 'utf8')).toMatch(/rolled back/i);
  });

  it('says what stays public', () => {
    expect(record.remains).toEqual(
      expect.arrayContaining([expect.stringMatching(/@windlass-example\/shop@1\.3\.0 on npm, deprecated/)]),
    );
  });
});
