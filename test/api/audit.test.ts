import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAudit } from '../../src/cli/remote/audit/audit.ts';
import type { Store } from '../../src/providers/store/store.ts';
import { digestOf } from '../../src/release/digest.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { openGate } from '../../src/release/record/record.ts';
import { describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { say } from '../cli/cli-context.ts';
import { personWith } from '../support/fixture/demo.ts';
import { type RealApi, startRealApi } from './support/real-api.ts';

/** More than a record holds at once. */
const NOISE = 420;

/** A long release on a real server, audited by the command line through a real API. */
describe('the audit of a release', () => {
  let real: RealApi;
  let store: Store;
  let record: ReleaseRecord;

  beforeAll(async () => {
    real = await startRealApi();
    const { world } = real;
    store = await openStore(world.installation);
    await world.start();
    await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    for (let index = 0; index < NOISE; index++) await world.handle().signal(`noise-${index}`);
    await world.until('the noise', (now) => now.refusalCount === NOISE);
    record = await world.approveEverything();
  });

  afterAll(async () => {
    await real?.stop();
  });

  const audit = (...argv: string[]) =>
    say(runAudit, [real.world.product, ...argv], {
      WINDLASS_API: real.api.url,
      WINDLASS_TOKEN: personWith(real.world.fixture, 'qa').token,
      WINDLASS_CONFIG: join(real.world.root, 'windlass.yaml'),
    });
  const archive = () => `records/${real.world.product}/${record.releaseId}.json`;
  /** Audits the archived record as somebody who can write to the store has left it. */
  const auditChanged = async (change: (forged: ReleaseRecord) => void) => {
    const original = (await store.readNamed(archive()))!;
    const forged = JSON.parse(original.toString('utf8')) as ReleaseRecord;
    change(forged);
    await store.putNamed(archive(), Buffer.from(JSON.stringify(forged)));
    const said = await audit('--release', record.releaseId);
    await store.putNamed(archive(), original);
    return said;
  };
  /** Links every entry anew, as somebody would who knows how. */
  const relink = (forged: ReleaseRecord, before: string) => {
    let link = before;
    for (const entry of forged.timeline) {
      const { link: _old, ...whole } = entry;
      link = digestOf({ before: link, ...whole });
      entry.link = link;
    }
    forged.chain = link;
  };

  it('verifies every link, also of what the record does not hold any more, and finds the anchor in the tag', async () => {
    expect(record.outcome).toBe('released');
    expect(record.timelineTotal).toBeGreaterThan(NOISE + 20);
    expect(record.timeline.length).toBeLessThanOrEqual(250);
    const moved = (record.trail ?? []).reduce((sum, part) => sum + part.count, 0);
    expect(moved + record.timeline.length).toBe(record.timelineTotal);
    expect(JSON.stringify(record).length).toBeLessThan(256 * 1024);

    for (const said of [await audit(), await audit('--release', record.releaseId)]) {
      expect(said).toMatchObject({ code: 0, err: '' });
      expect(said.out).toContain(`${record.timelineTotal} of ${record.timelineTotal} links computed anew`);
      expect(said.out).toContain(`It holds the anchor of the message of the tag ${record.plan?.tag}.`);
    }
  });

  it('names the first entry that was changed, swapped or cut off', async () => {
    const first = record.timelineTotal - record.timeline.length + 1;
    const changed = await auditChanged((forged) => {
      forged.timeline[40]!.data = { command: 'go_live approved as ceo' };
    });
    expect(changed.code).toBe(1);
    expect(changed.err).toContain(`entry ${first + 40} (`);
    const swapped = await auditChanged((forged) => {
      const [one, two] = [forged.timeline[10]!, forged.timeline[11]!];
      forged.timeline[10] = two;
      forged.timeline[11] = one;
    });
    expect(swapped.err).toContain(`entry ${first + 10} (`);
    const cut = await auditChanged((forged) => {
      forged.timeline.length -= 3;
      forged.timelineTotal -= 3;
    });
    expect(cut.err).toContain('entries at the end are missing or were added');
    const headless = await auditChanged((forged) => {
      forged.trail = forged.trail!.slice(1);
      forged.timelineTotal -= 100;
    });
    expect(headless.err).toContain('entry 1 (');
  });

  it('finds a trail that was written anew as a whole by the anchor in the tag', async () => {
    const before = (await store.read(record.trail!.at(-1)!.ref)).toString('utf8');
    const { link } = (JSON.parse(before) as { link: string }[]).at(-1)!;
    const rewritten = await auditChanged((forged) => {
      forged.timeline[5]!.data = { by: 'mallory' };
      relink(forged, link);
    });
    expect([rewritten.code, rewritten.out]).toEqual([1, '']);
    expect(rewritten.err).toContain('does not hold the anchor');
    expect(rewritten.err).toMatch(
      /the message of the tag v[\d.]+ says sha256:[0-9a-f]{64}: this is another trail/,
    );
    // Cut before the release was tagged, and whole in itself.
    const tagged = describeTimeline(record).findIndex((entry) =>
      entry.what.startsWith('finalize.merge done'),
    );
    const shortened = await auditChanged((forged) => {
      const dropped = forged.timeline.length - (tagged - 8);
      forged.timeline.length -= dropped;
      forged.timelineTotal -= dropped;
      forged.chain = forged.timeline.at(-1)!.link;
    });
    expect(shortened.err).toContain('does not hold the anchor');
  });

  it('says which entries the store has lost or holds otherwise', async () => {
    const { ref, count } = record.trail![1]!;
    const folder = join(real.world.root, 'store');
    const hex = ref.digest.replace('sha256:', '');
    const [name = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
      one.endsWith(hex.slice(-20)),
    );
    const bytes = await store.read(ref);
    const range = `entries ${record.trail![0]!.count + 1} to ${record.trail![0]!.count + count}`;
    writeFileSync(join(folder, name), Buffer.from(bytes.toString('utf8').replace('noise-1', 'noise-2')));
    expect((await audit()).err).toContain(`${range} are not to be had: the store holds other bytes`);
    rmSync(join(folder, name), { force: true });
    expect((await audit()).err).toContain(`${range} are not to be had: the store has lost them`);
    await store.put(bytes);
    expect((await audit()).code).toBe(0);
  });
});
