import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { checkReleased, startCustomers } from '../support/fixture/demo.ts';
import { type ReleaseWorld, startReleaseWorld } from '../support/fixture/release-world.ts';

describe('a minor release of the example product', () => {
  let world: ReleaseWorld;
  let record: ReleaseRecord;
  let customers: ReturnType<typeof startCustomers>;

  beforeAll(async () => {
    world = await startReleaseWorld();
    customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
    await world.start();
    record = await world.approveEverything(600_000);
    await customers.stop();
  }, 300_000);

  afterAll(async () => {
    await world?.stop();
  });

  it('ends as released', () => {
    expect(record.ending).toBe('Shop 1.3.0 is released');
    expect(record.outcome).toBe('released');
  });

  it('leaves the world as it says: tag, package, production, state files', async () => {
    const findings = await checkReleased(world.world, '1.3.0');
    expect(findings.filter((finding) => !finding.holds)).toEqual([]);
  });

  it('goes through every phase of the design, in its order', () => {
    const phases = record.steps.map((step) => step.phase);
    expect([...new Set(phases)]).toEqual([
      'readiness',
      'plan',
      'review',
      'commit',
      'build',
      'gates',
      'branch',
      'staging',
      'go_live',
      'publish',
      'production',
      'monitoring',
      'finalize',
      'announce',
    ]);
    expect(record.steps.filter((step) => !['done', 'not_configured'].includes(step.status))).toEqual([]);
  });

  it('publishes and deploys the very bytes that passed the gates', async () => {
    const built = record.steps.find((step) => step.id === 'build.package');
    const published = record.publications.find((publication) => publication.registry === 'npm');
    const registry = `http://127.0.0.1:${world.fixture.ports.npm}/`;
    const document = (await (await fetch(`${registry}@windlass-example/shop`)).json()) as {
      versions: Record<string, { dist: { integrity: string } }>;
      'dist-tags': Record<string, string>;
    };
    expect(document.versions['1.3.0']?.dist.integrity).toBe(published?.digest);
    expect(document['dist-tags']).toEqual({ latest: '1.3.0' });
    // The supervisor names a deployed version's folder by the digest of the artifact that it was given.
    const digest = built?.detail?.match(/sha256:([0-9a-f]{8})/)?.[1];
    const versions = execFileSync('ls', [join(world.folders.environments, 'production', 'versions')], {
      encoding: 'utf8',
    });
    expect(versions).toContain(`1.3.0-${digest}`);
  });

  it('merges by a merge commit and tags the release commit, with the release named in both', () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['--git-dir', world.folders.origin, ...args], { encoding: 'utf8' }).trim();
    expect(git('rev-parse', 'v1.3.0^{commit}')).toBe(record.commit);
    expect(git('cat-file', '-t', 'v1.3.0')).toBe('tag');
    expect(git('cat-file', '-p', 'v1.3.0')).toContain(`Release-Id: ${record.releaseId}`);
    const merge = git('rev-list', '--merges', '-1', 'main');
    expect(git('log', '-1', '--format=%P', merge).split(' ')).toContain(record.commit);
    expect(git('show', 'v1.3.0:package.json')).toContain('"version": "1.3.0"');
    expect(git('show', 'v1.3.0:CHANGELOG.md')).toContain('## [1.3.0]');
  });

  it('loses no request of a customer while it switches', () => {
    expect(customers.failed()).toBe(0);
    expect(customers.served()).toBeGreaterThan(100);
  });

  it('keeps its record in the archive, and tells the CEO', () => {
    const archive = join(world.folders.root, 'store', 'named', 'records', world.product);
    const archived = JSON.parse(
      readFileSync(join(archive, `${record.releaseId}.json`), 'utf8'),
    ) as ReleaseRecord;
    expect(archived.outcome).toBe('released');
    const told = readFileSync(join(world.folders.notices, 'ceo.jsonl'), 'utf8');
    expect(told).toMatch(/1\.3\.0/);
    expect(told.trimEnd().split('\n').length).toBeGreaterThanOrEqual(2);
  });
});
